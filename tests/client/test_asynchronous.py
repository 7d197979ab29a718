"""The asynchronous client, against a real server."""

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from tests.client.bad_network import Fate, bad_network, first, seeded, serving
from tests.server_process import ServerProcess
from turnserver.client import GameClosed, NoPartner, PartnerLeft, Role, Timing, Unreachable
from turnserver.client.asynchronous import Game, pair

pytestmark = pytest.mark.anyio
QUICK = Timing(pause_first_s=0.01, pause_most_s=0.05, rest_s=0.02)
TEXTS = ["hi", "a,b|c%7C;d\r\n", "😀", "\n", " ", "*", "x" * 16_000, "0/9/", "end"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def two_games(stack: AsyncExitStack, url: str, title: str) -> tuple[Game, Game]:
    ann = pair(url, "ann", partner="bob", title=title, timing=QUICK)
    bob = pair(url, "bob", partner="ann", title=title, timing=QUICK)
    games = await asyncio.gather(*(stack.enter_async_context(one) for one in (ann, bob)))
    return games[0], games[1]


async def test_two_players_meet_and_know_their_parts(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await two_games(stack, server, title)

        assert (ann.name, ann.partner, bob.name, bob.partner) == ("ann", "bob", "bob", "ann")
        assert {ann.role, bob.role} == {Role.SERVER, Role.CLIENT}


async def test_any_text_arrives_as_it_was_sent(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await two_games(stack, server, title)
        for text in TEXTS:
            await ann.send(text)

        assert [await bob.receive_one() for _ in TEXTS] == TEXTS
        assert await bob.receive(wait_s=0.03) == []


async def test_a_loop_over_a_game_ends_when_the_partner_has_left_and_all_was_received(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await two_games(stack, server, title)
        for text in TEXTS:
            await ann.send(text)
        await ann.quit()

        assert [text async for text in bob] == TEXTS
        assert [text async for text in ann] == []
        with pytest.raises(PartnerLeft):
            await bob.receive()
        with pytest.raises(GameClosed):
            await ann.send("too late")


async def test_a_text_that_is_handed_in_ends_the_wait_of_another_task(server: str, title: str) -> None:
    with bad_network(server, first()) as network:
        async with AsyncExitStack() as stack:
            ann, bob = await two_games(stack, network.address, title)
            network.holding.clear()
            received = asyncio.ensure_future(ann.receive(wait_s=60))
            assert await asyncio.to_thread(network.holding.wait, 10)
            await ann.send("hi")

            assert await bob.receive_one() == "hi"
            assert not received.done()
            await bob.send("hello")
            assert await received == ["hello"]


async def test_a_wait_that_is_cancelled_loses_nothing(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await two_games(stack, server, title)
        received: list[str] = []
        for number in range(20):
            await ann.send(f"{number}")
            for _ in range(3):
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.0005 * number):
                        received += await bob.receive(wait_s=60)
        while len(received) < 20:
            received += await bob.receive()

        assert received == [f"{number}" for number in range(20)]


async def test_a_send_that_is_cancelled_is_settled_by_what_comes_next(server: str, title: str) -> None:
    with bad_network(server, first()) as network:
        async with AsyncExitStack() as stack:
            ann, bob = await two_games(stack, network.address, title)
            network.passing.clear()
            sending = asyncio.ensure_future(ann.send("one"))
            assert await asyncio.to_thread(network.passing.wait, 10)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await ann.send("two")

            assert await bob.receive_one() == "one"
            assert await bob.receive_one() == "two"


async def test_many_tasks_may_send_and_wait_at_once(server: str, title: str) -> None:
    names = [str(number) for number in range(4)]

    async def send(game: Game, name: str) -> None:
        for number in range(20):
            await game.send(f"{name} {number}")

    async def receive(game: Game) -> None:
        by_name: dict[str, list[str]] = {name: [] for name in names}
        for _ in range(80):
            name, number = (await game.receive_one()).split()
            by_name[name].append(number)
        assert all(numbers == [str(number) for number in range(20)] for numbers in by_name.values())

    async with AsyncExitStack() as stack:
        games = await two_games(stack, server, title)
        await asyncio.gather(
            *(send(game, name) for game in games for name in names),
            *(receive(game) for game in games),
        )


@pytest.mark.parametrize("seed", range(4))
async def test_over_a_bad_network_every_text_arrives_once_and_in_order(server: str, title: str, seed: int) -> None:
    sent = [f"{number}|%" for number in range(40)]

    async def read(game: Game) -> list[str]:
        return [await game.receive_one() for _ in sent]

    async def send(game: Game) -> None:
        for text in sent:
            await game.send(text)

    with bad_network(server, seeded(seed)) as network:
        async with AsyncExitStack() as stack:
            ann, bob = await two_games(stack, network.address, title)
            received = await asyncio.gather(read(ann), read(bob), send(ann), send(bob))

    assert received[0] == received[1] == sent


async def test_the_game_goes_on_when_the_server_was_killed_and_is_back(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as before:
        async with AsyncExitStack() as stack:
            ann, bob = await two_games(stack, before.address, "")
            await ann.send("one")
            before.kill()
            with ServerProcess(tmp_path, port=before.port):
                await ann.send("two")
                assert await bob.receive(wait_s=10) == ["one", "two"]
                await asyncio.gather(ann.quit(), bob.quit())


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    with serving(lambda *_: None) as url:
        pass

    with pytest.raises(Unreachable, match=url):
        async with pair(url, "ann", timing=Timing(first_reply_s=0.05)):
            pass


async def test_a_server_that_is_silent_is_unreachable_after_the_time_for_a_reply(server: str) -> None:
    with bad_network(server, lambda: Fate.SWALLOWED) as network, pytest.raises(Unreachable):
        async with pair(network.address, "ann", timing=Timing(reply_s=0.05, first_reply_s=0.05)):
            pass


async def test_who_finds_nobody_in_time_is_taken_out_of_the_line(server: str, title: str) -> None:
    for name in ("ann", "bob"):
        with pytest.raises(NoPartner):
            async with pair(server, name, title=title, pair_s=0.1, timing=QUICK):
                pass


async def test_an_observer_sees_each_request_and_its_reply(server: str, title: str) -> None:
    seen: list[tuple[bytes, bytes]] = []

    with pytest.raises(NoPartner):
        async with pair(server, "ann", title=title, pair_s=0, observe=lambda *line: seen.append(line)):
            pass

    assert [(request[:2], reply[:4]) for request, reply in seen] == [(b"0,", b"0/0/"), (b"1,", b"0/1/")]
