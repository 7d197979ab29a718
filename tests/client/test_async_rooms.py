"""Rooms of the asynchronous client, against a real server."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.client.bad_network import bad_network, seeded
from tests.client.room_game import QUICK, ROOM, START, State, all_commands, digest, step
from turnserver.client import Diverged, NoRight, Timing, Unreachable
from turnserver.client.async_rooms import Room, Session
from turnserver.messages.items import Configured, Joined, Moved

pytestmark = pytest.mark.anyio
TURNS = 20


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def rooms(stack: AsyncExitStack, urls: list[str], title: str, **wishes: Any) -> tuple[list[Session], list[Room]]:
    """A new room and its members."""
    sessions = [await stack.enter_async_context(Session(url, title=title, timing=QUICK)) for url in urls]
    made = await sessions[0].create(ROOM | {"players": [len(urls)] * 2} | wishes, name="p0")
    return sessions, [made, *[await one.join(made.id, name=f"p{seat}") for seat, one in enumerate(sessions[1:], 1)]]


def commanding(seat: int) -> Callable[[int, State], str]:
    """The commands of a seat: who it is, and which turn."""
    return lambda generation, _state: f"p{seat}g{generation}"


async def play(room: Room, *, turns: int = TURNS, **more: Any) -> State:
    """The whole game of a member."""
    await room.begin()
    given: dict[str, Any] = {
        "commands": lambda generation, _state: f"p{room.seat}g{generation}",
        "until": lambda state: len(state) >= turns,
        "digest": digest,
    }
    return await room.lockstep(step, START, **given | more).run()


async def test_three_players_play_to_the_end(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        _, everybody = await rooms(stack, [server] * 3, title)

        assert await asyncio.gather(*map(play, everybody)) == [all_commands(3, TURNS)] * 3


async def test_over_a_bad_network_all_see_the_same_packets_and_every_command_once(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        urls = [stack.enter_context(bad_network(server, seeded(seed))).address for seed in (5, 6)]
        _, everybody = await rooms(stack, [server, *urls], title)

        assert await asyncio.gather(*map(play, everybody)) == [all_commands(3, TURNS)] * 3


async def test_a_game_that_differs_ends_with_its_generation(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        _, (ann, bob) = await rooms(stack, [server] * 2, title)
        games = (play(ann), play(bob, digest=lambda state: "x" if len(state) >= 5 else digest(state)))

        errors = await asyncio.gather(*games, return_exceptions=True)

    assert [error.generation for error in errors if isinstance(error, Diverged)] == [5, 5]


async def test_a_cancelled_turn_is_settled_by_the_next_one(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        _, (ann, bob) = await rooms(stack, [server] * 2, title)
        await asyncio.gather(ann.begin(), bob.begin())
        until: dict[str, Any] = {"until": lambda state: len(state) >= TURNS, "digest": digest}
        games = [room.lockstep(step, START, commands=commanding(seat), **until) for seat, room in enumerate((ann, bob))]
        for _ in range(5):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(games[0].run(), 0.01)

        assert await asyncio.gather(*(game.run() for game in games)) == [all_commands(2, TURNS)] * 2
        assert [(game.generation, game.turn_ms >= 1, game.is_over) for game in games] == [(TURNS, True, True)] * 2


async def test_another_task_pauses_and_resumes(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        _, everybody = await rooms(stack, [server] * 2, title)
        told: list[object] = []
        await asyncio.gather(*(room.begin() for room in everybody))
        games = [asyncio.ensure_future(play(room, on_item=told.append)) for room in everybody]
        await everybody[0].event("pause")
        await asyncio.sleep(0.1)
        assert everybody[0].state == "running/paused"
        await everybody[1].event("resume")

        assert await asyncio.gather(*games) == [all_commands(2, TURNS)] * 2
        assert Moved("running/paused") in told


async def test_set_up_lists_and_viewers(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        (founder, other), (ann, bob) = await rooms(stack, [server] * 2, title, viewers=True)
        assert await ann.receive() == [Joined(1, "p1")]
        assert await ann.receive(wait_s=0) == []
        await bob.configure({"map": "lake"})
        assert await ann.receive() == [Configured('{"map":"lake"}')]
        await ann.ready()
        assert ann.ready_seats == {0}
        watching = await other.watch(ann.id)
        assert [one.room for one in await founder.list(has_seat=False)] == [ann.id]
        states = await asyncio.gather(*map(play, (ann, bob, watching)))
        assert states == [all_commands(2, TURNS)] * 3
        assert (watching.seat, dict(watching.setup.config)) == (None, {"map": "lake"})


async def test_who_joins_again_has_the_seat_and_the_old_key_is_dead(server: str, title: str) -> None:
    async with AsyncExitStack() as stack:
        (session, _), (ann, bob) = await rooms(stack, [server] * 2, title)
        async with Session(server, token=await session.token(), title=title, timing=QUICK) as elsewhere:
            again = await elsewhere.join(ann.id)
            assert again.seat == 0
            with pytest.raises(NoRight):
                await ann.ready()
            assert list(await asyncio.gather(play(again), play(bob))) == [all_commands(2, TURNS)] * 2
            async with again:
                pass
            await again.leave()


async def test_a_session_is_used_inside_of_its_block(server: str) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Session(server).create(ROOM)


async def test_accounts_are_made_logged_in_to_and_out_of(server: str, title: str) -> None:
    async with Session.register(server, title, "correct horse", title=title, timing=QUICK) as ann:
        await ann.set_email("ann@example.org", "correct horse")
        token = await ann.token()
        async with Session.login(server, title, "correct horse", token=token, title=title, timing=QUICK) as again:
            room = await ann.create(ROOM)
            assert (await again.join(room.id)).seat == 0
        await ann.logout()
        with pytest.raises(NoRight):
            await ann.list()


async def test_who_was_never_used_logs_out_without_a_request_and_who_fails_to_log_in_gets_no_session() -> None:
    async with Session("http://127.0.0.1:1") as session:
        await session.logout()
    with pytest.raises(Unreachable):
        async with Session.login("http://127.0.0.1:1", "ann", "correct horse", timing=Timing(first_reply_s=0)):
            raise AssertionError("nobody answered")
