import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from stresstest.coordinator import AgentLost, Coordinator
from stresstest.dispatches import VERSION, Broken, Bye, Dispatch, Done, Hello, Progressed, Work, receive, send
from stresstest.plan import PlanError, plan_of
from stresstest.record import Record, slot_s
from stresstest.running import Progress

pytestmark = pytest.mark.anyio

PLAN = plan_of(server="http://127.0.0.1:1", players=5, seconds=1.0)


class Agent:
    """An agent that says what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def hears(self) -> Dispatch:
        return await receive(self._reader, within_s=5)

    async def says(self, *dispatches: Dispatch) -> None:
        for dispatch in dispatches:
            await send(self.writer, dispatch)


@asynccontextmanager
async def joined(coordinator: Coordinator, *, version: int = VERSION) -> AsyncIterator[Agent]:
    agent = Agent(*await asyncio.open_connection("127.0.0.1", coordinator.port))
    try:
        await agent.says(Hello(version))
        yield agent
    finally:
        agent.writer.close()


def done(*, players: int, seconds: float = PLAN.seconds) -> Done:
    return Done(Record(slot_s=slot_s(seconds), players=players))


async def unheard(_progress: Progress) -> None:
    """Nobody looks."""


async def test_each_agent_gets_a_share_and_what_they_saw_is_added_up() -> None:
    heard: list[Progress] = []

    async def hear(progress: Progress) -> None:
        heard.append(progress)

    async with (
        Coordinator("127.0.0.1", 0, agents=2) as coordinator,
        joined(coordinator) as first,
        joined(coordinator) as second,
    ):
        await coordinator.complete(within_s=5)
        running = asyncio.create_task(coordinator.run(PLAN, hear))
        work = [await agent.hears() for agent in (first, second)]
        shares = [one.share for one in work if isinstance(one, Work)]
        await first.says(Progressed(Progress(delivered=3)), done(players=2))
        await second.says(Progressed(Progress(delivered=4)), done(players=3))
        record = await running

    assert sorted((share.first, share.players) for share in shares) == [(0, 2), (2, 3)]
    assert record.players == 5
    assert heard[-1].delivered == 7


async def test_an_agent_of_another_version_is_sent_away() -> None:
    async with Coordinator("127.0.0.1", 0, agents=1) as coordinator, joined(coordinator, version=99) as agent:
        assert await agent.hears() == Bye(f"this coordinator speaks version {VERSION}")


async def test_one_agent_too_many_is_sent_away() -> None:
    async with Coordinator("127.0.0.1", 0, agents=1) as coordinator, joined(coordinator):
        await coordinator.complete(within_s=5)
        async with joined(coordinator) as late:
            assert await late.hears() == Bye("all 1 agents are there already")


async def test_agents_that_do_not_come_end_the_waiting() -> None:
    async with Coordinator("127.0.0.1", 0, agents=2) as coordinator:
        with pytest.raises(AgentLost, match=r"0 of 2 agents came within 0.05 s"):
            await coordinator.complete(within_s=0.05)


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ((), "the connection was closed"),
        ((Hello(VERSION),), "it said 'Hello' while at work"),
        ((done(players=5, seconds=86_400),), "it said 'Done' while at work"),
    ],
)
async def test_an_agent_that_is_lost_or_confused_ends_the_run(says: tuple[Dispatch, ...], why: str) -> None:
    async with Coordinator("127.0.0.1", 0, agents=1) as coordinator:
        async with joined(coordinator) as agent:
            await coordinator.complete(within_s=5)
            running = asyncio.create_task(coordinator.run(PLAN, unheard))
            await agent.hears()
            await agent.says(*says)
        with pytest.raises(AgentLost, match=why):
            await running


async def test_fewer_players_than_agents_cannot_be_dealt_out() -> None:
    async with Coordinator("127.0.0.1", 0, agents=1) as coordinator, joined(coordinator):
        await coordinator.complete(within_s=5)
        alone = plan_of(server="http://127.0.0.1:1", players=1)
        assert coordinator.port > 0
        async with Coordinator("127.0.0.1", 0, agents=2) as two, joined(two), joined(two):
            await two.complete(within_s=5)
            with pytest.raises(PlanError, match="1 players cannot be dealt out to 2 processes"):
                await two.run(alone, unheard)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "the connection was closed"),
        (b'{"type":"hello"', "the connection was closed"),
        (b"hello\n", f"not a dispatch of version {VERSION}"),
        (b'{"type":"sudo"}\n', f"not a dispatch of version {VERSION}"),
        (b'{"type":"hello","version":"one"}\n', f"not a dispatch of version {VERSION}"),
        (b"x" * 200 + b"\n", "chunk is longer than limit|chunk exceed the limit"),
    ],
)
async def test_what_is_no_dispatch_is_refused(line: bytes, why: str) -> None:
    reader = asyncio.StreamReader(limit=100)
    reader.feed_data(line)
    reader.feed_eof()

    with pytest.raises(Broken, match=why):
        await receive(reader, within_s=1)


async def test_silence_is_not_waited_for_any_longer_than_was_said() -> None:
    with pytest.raises(Broken, match=r"nothing came for 0.01 s"):
        await receive(asyncio.StreamReader(), within_s=0.01)
