"""The fast path of updates that wait is held equal to the rules: the same requests get the same replies at the same
times, and leave the same values."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.service.updates import COUNTERS, DATA, LIMITS, Player, seen, values
from tests.text_server import Seated, TextServer, TimelessLoop, in_no_time
from turnserver.build import Document
from turnserver.protocol.limits import Limits
from turnserver.service.fast_path import FastPath
from turnserver.service.holding import Hold
from turnserver.store.journal import JournalStore
from turnserver.store.log import Log
from turnserver.store.memory import MemoryStore

OPENS_ITS_STORES = True
"""Only a store in this process has a fast path."""


class Update(NamedTuple):
    """An update as a client might post it, rightly or wrongly."""

    player: int
    data: str
    counter: str
    wait_s: float
    as_partner: bool = False


UPDATES = st.builds(
    Update,
    player=st.integers(0, 1),
    data=DATA,
    counter=COUNTERS,
    wait_s=st.sampled_from([0, 20, 20, 20, 0.5]),
    as_partner=st.sampled_from([False] * 15 + [True]),
)
GOOD_UPDATES = st.builds(
    Update,
    player=st.integers(0, 1),
    data=st.sampled_from(["", "a", "b", "c|d"]),
    counter=st.sampled_from(["next", "next.all"]),
    wait_s=st.sampled_from([0, 20, 20]),
)
OTHERS = st.one_of(
    st.tuples(st.just("later"), st.sampled_from([0.001, 1, 9, 31])),
    st.tuples(st.just("give up"), st.integers(0, 3)),
    st.tuples(st.just("quit"), st.integers(0, 1)),
    st.tuples(st.just("rest")),
    st.tuples(st.just("look")),
)
STEPS = st.lists(st.one_of(GOOD_UPDATES, GOOD_UPDATES, GOOD_UPDATES, UPDATES, OTHERS), max_size=40)


class Story:
    """A game on a server, and all that was said and heard there."""

    def __init__(self, server: TextServer) -> None:
        self.server = server
        self.players = [Player(seat) for seat in server.game()]
        self.told: list[object] = []
        self.heard: list[tuple[float, int, str]] = []
        self.held: list[asyncio.Task[None]] = []

    async def play(self, steps: list[Any]) -> None:
        """Take the steps, after an update of each, and wait until nobody is held any more."""
        for step in (Update(0, "", "next", 0), Update(1, "", "next", 0), *steps):
            await self.take(step)
            self.told.append((sorted(self.heard), self.kept))  # those who wait are answered in any order
            self.heard.clear()
        await asyncio.gather(*self.held, return_exceptions=True)
        self.told.append((sorted(self.heard), self.kept))

    async def take(self, step: Any) -> None:
        """Take one step."""
        match step:
            case Update():
                await self.ask(step)
            case ("later", seconds):
                await asyncio.sleep(seconds)
            case ("give up", index) if index < len(self.held):
                self.held[index].cancel()
                await asyncio.sleep(0)
            case ("quit", index):
                self.told.append(await self.server.answer(f"5,*,{self._names(index)}"))
            case ("rest",):
                await self.rest()

    async def rest(self) -> None:
        """Let those who are called back have their turn."""
        for _ in range(6):
            await asyncio.sleep(0)

    def _names(self, index: int) -> str:
        player = self.players[index]
        return f"{player.seat.key},{player.seat.seat},{player.sent + 1}"

    async def ask(self, update: Update) -> None:
        """Post an update; what it is answered is told when it comes."""
        player = self.players[update.player]
        line = player.line(update.data, update.counter, as_partner=update.as_partner)

        async def answered() -> None:
            reply = await self.server.answer(line, wait_s=update.wait_s)
            player.learns(line, reply)
            self.heard.append((round(asyncio.get_running_loop().time(), 3), update.player, reply))

        self.held = [task for task in self.held if not task.done()]
        self.held.append(asyncio.create_task(answered()))
        await self.rest()
        if update.counter.startswith("next") and not self.held[-1].done() and not update.as_partner:
            player.learns(line, "0/10/*")  # it was taken, and is held

    @property
    def kept(self) -> object:
        """What the store holds of the game."""
        return seen(self.server, self.players[0].seat.key)


def told(steps: list[Any], *, has_fast_path: bool) -> tuple[object, ...]:
    """What comes of the steps, how often each answer was given, and how many holds and messages there were."""

    async def played() -> tuple[object, ...]:
        loop = asyncio.get_running_loop()
        store = MemoryStore(lambda: round(1000 * loop.time()))
        server = TextServer(LIMITS, store=store, has_fast_path=has_fast_path)
        server.calls_back = True  # type: ignore[misc]  # of this one
        story = Story(server)
        await story.play(steps)
        usage = server.context.usage
        return story.told, usage.answers, usage.holds, usage.held, usage.messages

    with asyncio.Runner(loop_factory=TimelessLoop) as runner:
        return runner.run(played())


def waiting(player: int, data: str = "", counter: str = "next.all") -> Update:
    return Update(player, data, counter, 20)


@given(STEPS)
@example([waiting(0, "a"), waiting(1, "b"), waiting(0, "c"), waiting(1, "d")]).via("in turns")
@example([waiting(0), waiting(0, "a"), waiting(1), waiting(0)]).via("who waits has something to say")
@example([waiting(0), ("later", 9), ("later", 9), waiting(1, "a"), ("later", 9), waiting(0, "b")]).via("slow ones")
@example([waiting(0), Update(0, "", "again", 20), waiting(1, "a"), waiting(1, "b")]).via("a repeat waits too")
@example([waiting(0), ("give up", 0), waiting(1, "a"), Update(0, "", "again", 0)]).via("who waited is gone")
@example([waiting(0), ("quit", 1)]).via("a partner who leaves")
@example([waiting(0), waiting(1), ("later", 31)]).via("both wait")
def test_the_same_requests_get_the_same_replies_and_leave_the_same_values(steps: list[Any]) -> None:
    assert told(steps, has_fast_path=True) == told(steps, has_fast_path=False)


def known(server: TextServer) -> tuple[Seated, Seated]:
    """Two players whom the fast path knows."""
    ann, bob = server.game()
    ann.poll(0)
    bob.poll(0)
    return ann, bob


def held(server: TextServer, line: str) -> tuple[FastPath, Hold, list[bytes | None]]:
    """The fast path, an update that it holds, and the lines that it is called back with."""
    path, lines = server.fast_path, list[bytes | None]()
    assert path is not None
    hold = path.hold(line.encode(), 20)
    assert isinstance(hold, Hold)
    server.answering.holding.watch(hold, lines.append)
    return path, hold, lines


def test_who_waits_is_held_and_answered_by_the_fast_path() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = known(server)
        path, hold, lines = held(server, ann.line("", 1))

        assert path.update(bob.line("hello", 1).encode()) == b"0/10/*"
        assert path.hold(ann.line("", 2).encode(), 20) is not None
        await asyncio.sleep(0)

        assert lines == [b"0/9/hello"]
        server.answering.holding.end_watch(hold)

    in_no_time(scenario)


def test_an_update_ends_the_wait_of_the_one_before() -> None:
    async def scenario(server: TextServer) -> None:
        ann, _ = known(server)
        path, hold, lines = held(server, ann.line("", 1))

        assert isinstance(path.hold(ann.line("more", 2).encode(), 20), Hold)
        await asyncio.sleep(0)

        assert lines == [b"0/10/*"]
        server.answering.holding.end_watch(hold)

    in_no_time(scenario)


def test_what_others_wait_for_is_left_to_the_general_way() -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = known(server)
        path = server.fast_path
        assert path is not None
        server.calls_back = True  # type: ignore[misc]  # of this one
        repeat = asyncio.create_task(server.answer(ann.line("", 0), wait_s=20))
        await asyncio.sleep(0)

        assert path.update(bob.line("a", 1).encode()) is None
        assert path.hold(bob.line("a", 1).encode(), 20) is None
        assert await server.answer(bob.line("a", 1)) == "0/10/*"
        assert await repeat == "0/11/a"

    in_no_time(scenario)


def test_nobody_is_held_by_a_server_that_stops() -> None:
    async def scenario(server: TextServer) -> None:
        ann, _ = known(server)
        assert server.fast_path is not None
        server.answering.holding.drain()

        assert server.fast_path.hold(ann.line("", 1).encode(), 20) is None

    in_no_time(scenario)


def test_who_only_waits_is_not_cached_and_who_plays_by_waiting_soon_takes_the_fast_path() -> None:
    async def scenario(server: TextServer) -> None:
        server.calls_back = True  # type: ignore[misc]  # of this one
        ann, bob = server.game()
        path = server.fast_path
        assert path is not None
        waits = asyncio.create_task(server.answer(ann.line("", 0), wait_s=20))
        await asyncio.sleep(0)
        assert path.known == 0
        for counter in range(3):
            plays = asyncio.create_task(server.answer(bob.line("b", counter), wait_s=20))
            assert await waits == "0/9/b"
            waits = asyncio.create_task(server.answer(ann.line("a", counter + 1), wait_s=20))
            assert await plays == "0/9/a"

        assert path.known == 2
        assert isinstance(path.hold(bob.line("b", 3).encode(), 20), Hold)
        assert await waits == "0/9/b"

    in_no_time(scenario)


@pytest.mark.parametrize("slices", [0, 1, 2])
def test_also_who_has_waited_for_long_is_answered_by_the_fast_path(slices: int) -> None:
    async def scenario(server: TextServer) -> None:
        ann, bob = known(server)
        path = server.fast_path
        assert path is not None
        server.calls_back = True  # type: ignore[misc]  # of this one
        held = asyncio.create_task(server.answer(ann.line("", 1), wait_s=25))
        for counter in range(1, 1 + slices):
            await asyncio.sleep(8)
            assert await server.answer(bob.line("", counter)) == "0/10/*"
        await asyncio.sleep(0.5)

        assert path.update(bob.line("a", 1 + slices).encode()) == b"0/10/*"
        assert await held == "0/9/a"

    in_no_time(scenario, Limits(registration_silence_s=24))


@pytest.mark.anyio
async def test_what_was_told_to_who_waited_is_there_after_a_restart(tmp_path: Path) -> None:
    def opened() -> JournalStore:
        return JournalStore(Log(f"sqlite:///{tmp_path / 'turnserver.db'}", syncs=False), Document)

    store = opened()
    server = TextServer(store=store)
    server.calls_back = True  # type: ignore[misc]  # of this one
    ann, bob = known(server)
    held = asyncio.create_task(server.answer(ann.line("", 1), wait_s=20))
    await asyncio.sleep(0)
    assert await server.answer(bob.line("hello", 1)) == "0/10/*"
    assert await held == "0/9/hello"
    before = seen(server, ann.key)
    await store.settle()
    await store.close()

    again = TextServer(store=opened())
    assert values(seen(again, ann.key)) == values(before)
    assert await again.answer(ann.line("", 1)) == "0/11/hello"
    await again.store.close()
