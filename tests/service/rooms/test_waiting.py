"""Polls of rooms that are willing to wait. The loop's time passes only while all wait, so hours cost nothing."""

import asyncio

import pytest

from tests.room_server import Guest, Member, playing
from tests.text_server import TextServer, in_no_time


@pytest.fixture(autouse=True, params=[False, True], ids=["awaited", "called back"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of waiting are the same."""
    monkeypatch.setattr(TextServer, "calls_back", request.param)


def now_s() -> float:
    return round(asyncio.get_running_loop().time(), 3)


def hold(member: Member, line: str, wait_s: float = 20) -> "asyncio.Task[tuple[str, float]]":
    """A request that waits: its reply, without the cursor, and when it came."""

    async def held() -> tuple[str, float]:
        reply = await member.server.answer(line, wait_s=wait_s)
        return reply.partition("|")[2] or reply, now_s()

    return asyncio.create_task(held())


def test_a_turn_brings_the_packet_with_it_as_soon_as_the_slowest_has_posted() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob, cid = playing(server, 3, silence_s=600)
        first = hold(ann, ann.line(25, "1;;;;;a"))
        second = hold(bob, bob.line(25, "1;;;;;b"))
        await asyncio.sleep(0.5)
        cid.turn(1, "c")

        assert await first == await second == ("t:1;1;200;;;a;b;c", 0.5)

    in_no_time(scenario)


def test_any_news_ends_a_wait() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = playing(server, 2)
        poll = hold(ann, ann.line(26))
        await asyncio.sleep(3)
        bob.event("pause")

        assert await poll == ("s:running/paused", 3)

    in_no_time(scenario)


def test_who_waits_alone_is_told_when_the_others_are_slow() -> None:
    async def scenario(server: TextServer) -> None:
        ann, _ = playing(server, 2)

        assert await hold(ann, ann.line(25, "1;;;;;a")) == ("g:1;1000", 1)

    in_no_time(scenario)


def test_a_silent_seat_is_skipped_while_the_others_wait() -> None:
    async def scenario(server: TextServer) -> None:
        ann, _ = playing(server, 2, on_silence="skip", silence_s=5)
        await hold(ann, ann.line(25, "1;;;;;a"))
        ann.poll()

        assert await hold(ann, ann.line(26)) == ("t:1;1;200;;;a;-", 5)

    in_no_time(scenario)


def test_a_room_that_waits_keeps_who_waits_until_the_time_is_up() -> None:
    async def scenario(server: TextServer) -> None:
        ann, _ = playing(server, 2, silence_s=2)
        ann.turn(1)
        for _ in range(2):
            await hold(ann, ann.line(26))
            ann.poll()

        assert await hold(ann, ann.line(26), wait_s=20) == ("0/10/*", 22)

    in_no_time(scenario)


def test_a_key_that_dies_ends_its_waits() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = playing(server, 2, silence_s=600)
        poll = hold(ann, ann.line(26))
        await asyncio.sleep(1)
        again = Guest.join(ann.guest, ann.room)
        bob.event("pause")

        assert (await poll)[0] == "30/*/*"
        assert again.poll().endswith("s:running/paused")

    in_no_time(scenario)


def test_nobody_waits_in_a_room_that_has_ended() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = playing(server, 2)
        ann.leave()
        bob.leave()
        ann.poll()

        assert await hold(ann, ann.line(26)) == ("0/10/*", 0)

    in_no_time(scenario)


def test_a_late_viewer_waits_for_what_it_may_see() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = playing(server, 2, viewers=1, silence_s=600)
        viewer = Guest(server).watch(ann.room)
        poll = hold(viewer, viewer.line(26))
        for generation in (1, 2):
            await asyncio.sleep(1)
            ann.turn(generation)
            bob.turn(generation)

        assert await poll == ("t:1;1;200;;;;", 2)

    in_no_time(scenario)
