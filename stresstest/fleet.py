"""Who carries a plan out: this process alone, or processes of this and of other machines."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from stresstest.coordinator import Coordinator
from stresstest.plan import Plan, shares
from stresstest.record import Record
from stresstest.running import OnProgress, run

Carry = Callable[[Plan, OnProgress], Awaitable[Record]]
"""Carries a plan out, and returns all that was seen; may be called again for another one."""

LOCAL_S_MAX = 30.0
"""How long processes of this machine may take to start."""

REMOTE_S_MAX = 600.0
"""How long the coordinator waits for agents that somebody has to start elsewhere."""

ENDS_S_MAX = 5.0
"""How long a process may take to end by itself, once it was told that there is no more work."""


async def alone(plan: Plan, on_progress: OnProgress) -> Record:
    """Carry a plan out in this process."""
    return await run(plan, shares(plan.players, 1)[0], on_progress)


@asynccontextmanager
async def coordinated(
    host: str, port: int, *, processes: int, agents: int, on_listening: Callable[[int], None]
) -> AsyncIterator[Carry]:
    """Carry plans out in processes of this machine, and with agents that join from elsewhere.

    Args:
        host: Where to listen for them.
        port: 0 takes a free one.
        processes: How many processes of this machine to start.
        agents: How many more must join.
        on_listening: Told the port, before the agents are waited for.

    Raises:
        AgentLost: Not all came in time.
    """
    async with Coordinator(host, port, agents=processes + agents) as coordinator:
        on_listening(coordinator.port)
        async with joined(_reachable(host), coordinator.port, processes=processes):
            await coordinator.complete(within_s=REMOTE_S_MAX if agents else LOCAL_S_MAX)
            yield coordinator.run


@asynccontextmanager
async def joined(host: str, port: int, *, processes: int) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Processes of this machine that work for a coordinator; ended with the context."""
    command = (sys.executable, "-m", "stresstest", "--join", f"{host}:{port}")
    started = [await asyncio.create_subprocess_exec(*command, stdout=sys.stderr) for _ in range(processes)]
    try:
        yield started
    finally:
        for process in started:
            if process.returncode is None:
                process.terminate()
        for process in started:
            await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(ENDS_S_MAX):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not listened on
