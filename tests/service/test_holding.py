"""Polls that are willing to wait. The loop's time passes only while all wait, so hours cost nothing."""

import asyncio

import pytest

from tests.text_server import Seated, TextServer, in_no_time
from turnserver.partition import Batch
from turnserver.protocol.limits import Limits
from turnserver.store.memory import MemoryStore


@pytest.fixture(autouse=True, params=[False, True], ids=["awaited", "called back"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of waiting are the same."""
    monkeypatch.setattr(TextServer, "calls_back", request.param)


def now_s() -> float:
    return round(asyncio.get_running_loop().time(), 3)


def hold(server: TextServer, line: str, wait_s: float = 20) -> "asyncio.Task[tuple[str, float]]":
    """A request that waits: its reply and when it came."""

    async def held() -> tuple[str, float]:
        return await server.answer(line, wait_s=wait_s), now_s()

    return asyncio.create_task(held())


def test_a_poll_is_held_until_the_partner_sends_something() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        poll = hold(server, bob.line("", 0))
        await asyncio.sleep(7)
        ann.update("a", 0)

        assert await poll == ("0/9/a", 7)
        assert bob.poll(1) == "0/10/*"

    in_no_time(scenario)


def test_a_poll_is_held_until_the_time_is_up() -> None:
    async def scenario(server: TextServer) -> None:
        ann, _ = server.game()

        assert await hold(server, ann.line("", 0), wait_s=20) == ("0/10/*", 20)

    in_no_time(scenario)


def test_who_has_something_to_read_is_not_held() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        ann.update("a", 0)

        assert await hold(server, bob.line("", 0)) == ("0/9/a", 0)
        assert await hold(server, bob.line("", 0)) == ("0/11/a", 0)
        assert await hold(server, bob.line("", 9)) == ("19/*/*", 0)

    in_no_time(scenario)


def test_an_update_with_data_is_held_too_and_stored_at_once() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        update = hold(server, ann.line("a", 0))
        await asyncio.sleep(1)

        assert bob.update("b", 0) == "0/9/a"
        assert await update == ("0/9/b", 1)
        assert bob.poll(1) == "0/10/*"

    in_no_time(scenario)


def test_a_repeat_with_nothing_to_say_is_held_and_answered_like_a_repeat() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        bob.poll(0)
        repeat = hold(server, bob.line("", 0))
        await asyncio.sleep(3)
        ann.update("a", 0)

        assert await repeat == ("0/11/a", 3)

    in_no_time(scenario)


def test_a_held_request_and_its_repeat_both_get_everything_unacknowledged() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        first = hold(server, bob.line("", 0))
        await asyncio.sleep(1)
        repeat = hold(server, bob.line("", 0))
        await asyncio.sleep(1)
        ann.update("a", 0)

        assert await first == ("0/9/a", 2)
        assert await repeat == ("0/11/a", 2)
        assert bob.poll(1) == "0/10/*"

    in_no_time(scenario)


def test_the_next_counter_ends_every_hold_on_the_one_before() -> None:
    async def scenario(server: TextServer) -> None:
        _, bob = server.game()
        holds = [hold(server, bob.line("", 0)) for _ in range(3)]
        await asyncio.sleep(2)
        newest = hold(server, bob.line("", 1))

        assert [await held for held in holds] == [("0/10/*", 2)] * 3
        assert await newest == ("0/10/*", 22)

    in_no_time(scenario)


def test_the_exact_form_can_be_held() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        first = hold(server, bob.line("", "0.0"))
        await asyncio.sleep(1)
        ann.update("a", "0.0")

        assert await first == ("0/9/a", 1)
        second = hold(server, bob.line("", "1.1"))
        await asyncio.sleep(1)
        ann.update("b", "1.0")
        assert await second == ("0/9/b", 2)

    in_no_time(scenario)


def test_a_quit_of_the_partner_ends_a_hold() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        poll = hold(server, bob.line("", 0))
        await asyncio.sleep(4)
        ann.quit(0)

        assert await poll == ("15/*/*", 4)

    in_no_time(scenario)


def test_the_silence_of_the_partner_ends_a_hold_to_the_millisecond() -> None:
    async def scenario(server: TextServer) -> None:
        _, bob = server.game()

        assert await hold(server, bob.line("", 0), wait_s=60) == ("15/*/*", 30)

    in_no_time(scenario)


def test_a_held_request_is_not_silence() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        poll = hold(server, bob.line("", 0), wait_s=300)
        for counter in range(10):
            await asyncio.sleep(29)
            assert ann.poll(counter) == "0/10/*"
        await asyncio.sleep(10)

        assert (await poll)[0] == "0/10/*"

    in_no_time(scenario)


def test_two_who_wait_for_each_other_keep_the_game_alive() -> None:
    async def scenario(server: TextServer) -> None:
        holds = [hold(server, player.line("", 0), wait_s=3600) for player in server.game()]

        assert [await held for held in holds] == [("0/10/*", 3600)] * 2

    in_no_time(scenario)


class CountingStore(MemoryStore):
    """A memory store that counts its commits."""

    commits = 0

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        self.commits += 1
        return await super().commit(name, batch)


@pytest.mark.parametrize("held", ["2", "4", "6"])
def test_copies_of_a_held_request_do_not_wake_each_other(held: str) -> None:
    async def scenario(_: TextServer) -> None:
        store = CountingStore(lambda: round(1000 * asyncio.get_running_loop().time()))
        server = TextServer(store=store)
        line = held_line(server, held)
        copies = [hold(server, line, wait_s=20) for _ in range(5)]
        await asyncio.sleep(10)
        before = store.commits
        await asyncio.sleep(4)

        assert store.commits - before < 50
        assert {(await copy)[1] for copy in copies} == {20}

    in_no_time(scenario)


def held_line(server: TextServer, symbol: str) -> str:
    """A request with nothing to say yet."""
    if symbol == "2":
        return f"2,*,{server.registered()},*,*"
    if symbol == "4":
        return f"4,*,{server.loading().server},*,*"
    ann, _ = server.game()
    return ann.line("", 0)


def test_asking_for_a_partner_is_held_until_one_is_found() -> None:
    async def scenario(server: TextServer) -> None:
        ann = hold(server, f"2,*,{server.registered('ann')},*,*")
        await asyncio.sleep(5)

        assert server.asks(server.registered("bob")) == "0/3/ann"
        assert await ann == ("0/4/bob", 5)

    in_no_time(scenario)


def test_asking_for_a_partner_by_name_is_held_too() -> None:
    async def scenario(server: TextServer) -> None:
        ann = hold(server, f"2,*,{server.registered('ann', 'bob')},*,*")
        await asyncio.sleep(5)
        server.asks(server.registered("bob", "ann"))

        assert await ann == ("0/4/bob", 5)

    in_no_time(scenario)


def test_who_waits_for_a_partner_does_not_die_of_it() -> None:
    async def scenario(server: TextServer) -> None:
        key = server.registered()

        assert await hold(server, f"2,*,{key},*,*", wait_s=3600) == ("0/2/*", 3600)
        assert server.asks(server.registered("bob")) == "0/3/ann"

    in_no_time(scenario)


def test_who_unregisters_while_it_waits_hears_so() -> None:
    async def scenario(server: TextServer) -> None:
        key = server.registered()
        poll = hold(server, f"2,*,{key},*,*")
        await asyncio.sleep(1)
        server.say(f"1,*,{key},*,*")

        assert await poll == ("0/1/*", 1)

    in_no_time(scenario)


def test_ready_is_held_until_the_partner_has_loaded() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.loading()
        ready = hold(server, f"4,*,{ann},*,*")
        await asyncio.sleep(6)
        server.say(f"4,*,{bob},*,*")

        reply, at_s = await ready
        assert (reply[:4], at_s) == ("0/8/", 6)

    in_no_time(scenario)


@pytest.mark.parametrize(("by_name", "reply"), [(False, "9/2/*"), (True, "17/*/*")], ids=["at random", "by name"])
def test_ready_is_held_until_the_partner_drops(by_name: bool, reply: str) -> None:  # noqa: FBT001  # a case
    async def scenario(server: TextServer) -> None:
        ann, bob = server.loading(by_name=by_name)
        ready = hold(server, f"4,*,{ann},*,*")
        await asyncio.sleep(6)
        server.say(f"1,*,{bob},*,*")

        assert await ready == (reply, 6)

    in_no_time(scenario)


def test_ready_is_held_until_the_partner_is_silent_for_too_long() -> None:
    async def scenario(server: TextServer) -> None:
        ann, _ = server.loading()

        assert await hold(server, f"4,*,{ann},*,*", wait_s=100) == ("9/2/*", 30)

    in_no_time(scenario)


@pytest.mark.parametrize("symbol", ["0,ann,*,*,*", "1,*,{key},*,*", "3,*,{key},*,*"])
def test_other_requests_are_never_held(symbol: str) -> None:
    async def scenario(server: TextServer) -> None:
        _, at_s = await hold(server, symbol.format(key=server.pair().server))

        assert at_s == 0

    in_no_time(scenario)


def test_short_time_outs_do_not_wake_a_hold_more_often_than_they_must() -> None:
    async def scenario(server: TextServer) -> None:
        holds = [hold(server, player.line("", 0), wait_s=10) for player in server.game()]

        assert [await held for held in holds] == [("0/10/*", 10)] * 2

    in_no_time(scenario, Limits(play_silence_s=0.5, registration_silence_s=0.2))


def test_draining_answers_all_who_are_held_and_holds_nobody_more() -> None:
    async def scenario(server: TextServer) -> None:
        ann, _ = server.game()
        holds = [hold(server, ann.line("", 0)), hold(server, f"2,*,{server.registered()},*,*")]
        await asyncio.sleep(1)
        server.answering.holding.drain()

        assert [await held for held in holds] == [("0/10/*", 1), ("0/2/*", 1)]
        assert await hold(server, ann.line("", 1)) == ("0/10/*", 1)

    in_no_time(scenario)


def test_a_wait_that_is_given_up_leaves_nothing_behind() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        poll = hold(server, ann.line("", 0))
        await asyncio.sleep(1)
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)
        bob.update("b", 0)

        assert ann.poll(0) == "0/11/b"

    in_no_time(scenario)


def test_updates_of_one_moment_are_all_there_when_the_hold_ends() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = server.game()
        poll = hold(server, bob.line("", 0))
        await asyncio.sleep(1)
        send_all(ann, "abc")

        assert await poll == ("0/9/a|b|c", 1)

    in_no_time(scenario)


def send_all(player: Seated, updates: str) -> None:
    for counter, data in enumerate(updates):
        player.update(data, counter)
