"""The coordinator: waits for agents, deals a plan's players out to them, and adds up what they saw."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import NamedTuple, Self

from stresstest.dispatches import (
    LINE_BYTES_MAX,
    SILENCE_S_MAX,
    VERSION,
    Broken,
    Bye,
    Done,
    Hello,
    Progressed,
    Work,
    receive,
    send,
)
from stresstest.plan import Plan, PlanError, shares
from stresstest.record import Record, slot_s, total
from stresstest.running import OnProgress, Progress

HELLO_S_MAX = 5.0
"""How long a new connection may take to say hello."""


class AgentLost(Exception):
    """An agent went away, or none came; the run cannot be counted. The message says why."""


class _Agent(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: str


class Coordinator:
    """Listens for agents, from the beginning to the end of its context.

    Args:
        host: Where to listen; 127.0.0.1 for processes of this machine alone.
        port: 0 takes a free one.
        agents: How many are needed; more are sent away.
    """

    def __init__(self, host: str, port: int, *, agents: int) -> None:
        self._host = host
        self._port = port
        self._wanted = agents
        self._agents: list[_Agent] = []
        self._complete = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(self._met, self._host, self._port, limit=LINE_BYTES_MAX)
        except OSError as error:
            raise AgentLost(f"cannot listen on {self._host}:{self._port}: {error.strerror}") from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for agent in self._agents:
            await _dismiss(agent, "the run is over" if error is None else f"the run was broken off: {error}")

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._server is not None, "inside the context"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def complete(self, *, within_s: float) -> None:
        """Wait until all agents are there.

        Raises:
            AgentLost: Some did not come in time.
        """
        try:
            async with asyncio.timeout(within_s):
                await self._complete.wait()
        except TimeoutError:
            raise AgentLost(f"{len(self._agents)} of {self._wanted} agents came within {within_s:g} s") from None

    async def run(self, plan: Plan, on_progress: OnProgress) -> Record:
        """Have a plan carried out by all agents together.

        Raises:
            AgentLost: One of them went away, or fell silent.
            PlanError: There are fewer players than agents.
        """
        if plan.players < len(self._agents):
            raise PlanError(f"{plan.players} players cannot be dealt out to {len(self._agents)} processes")
        progress: dict[str, Progress] = {}

        async def told(agent: _Agent, news: Progress) -> None:
            progress[agent.address] = news
            await on_progress(sum(progress.values(), Progress()))

        dealt = zip(self._agents, shares(plan.players, len(self._agents)), strict=True)
        tasks = [asyncio.create_task(_work(agent, Work(plan, share), told)) for agent, share in dealt]
        try:
            return total(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody connected."""
        agent = _Agent(reader, writer, "{}:{}".format(*writer.get_extra_info("peername")[:2]))
        try:
            hello = await receive(reader, within_s=HELLO_S_MAX)
        except Broken:
            writer.close()
            return
        if not isinstance(hello, Hello) or hello.version != VERSION:
            await _dismiss(agent, f"this coordinator speaks version {VERSION}")
        elif len(self._agents) >= self._wanted:
            await _dismiss(agent, f"all {self._wanted} agents are there already")
        else:
            self._agents.append(agent)
            if len(self._agents) == self._wanted:
                self._complete.set()


async def _work(agent: _Agent, work: Work, told: Callable[[_Agent, Progress], Awaitable[None]]) -> Record:
    """Have one agent do its share."""
    try:
        await send(agent.writer, work)
        while True:
            match await receive(agent.reader, within_s=SILENCE_S_MAX):
                case Progressed(progress):
                    await told(agent, progress)
                case Done(record) if record.slot_s == slot_s(work.plan.seconds):
                    return record
                case other:
                    why = f"it said {type(other).__name__!r} while at work"
                    break
    except Broken as broken:
        why = str(broken)
    raise AgentLost(f"the agent {agent.address} is lost: {why}")


async def _dismiss(agent: _Agent, why: str) -> None:
    try:
        await send(agent.writer, Bye(why[:500]))
    except Broken:
        pass
    finally:
        agent.writer.close()
