"""A disk that fails under load: 503 and never an acknowledgement, nothing lost, and all goes on when it works again."""

import asyncio
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from tests.kill.ledger import Ledger
from tests.kill.load import Load, Servers
from tests.server_process import ServerProcess

PATIENCE_S = 60

Then = Callable[[ServerProcess, Servers], Awaitable[None]]
"""What becomes of a server whose disk fails."""


def limit_files(server: ServerProcess, *, bytes_most: int) -> None:
    """Let the operating system refuse the running server's writes beyond a file's length; -1 lets all pass."""
    _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (bytes_most, hard))


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110  # another process is looked at
            await asyncio.sleep(0.01)


async def failing(server: ServerProcess, load: Load, ledger: Ledger) -> None:
    """Let the disk fail, and see that nothing is acknowledged meanwhile."""
    await until(lambda: ledger.acknowledged() > 50)
    limit_files(server, bytes_most=0)
    await until(lambda: load.refusals > 30)
    before, refused = ledger.acknowledged(), load.refusals
    await until(lambda: load.refusals > refused + 100)
    assert ledger.acknowledged() == before


async def heals(server: ServerProcess, _servers: Servers) -> None:
    limit_files(server, bytes_most=-1)


async def is_killed(server: ServerProcess, servers: Servers) -> None:
    server.kill()
    await servers.start(port=server.port)


async def failed_under_load(folder: Path, then: Then) -> Ledger:
    ledger = Ledger()
    with Servers(folder) as servers:
        server = await servers.start()
        load = Load(server.port, ledger=ledger, random=Random(1))
        async with asyncio.TaskGroup() as both:
            both.create_task(load.run())
            await failing(server, load, ledger)
            before = ledger.acknowledged()
            await then(server, servers)
            await until(lambda: ledger.acknowledged() > before + 50)
            load.end()
    return ledger


@pytest.mark.parametrize("then", [heals, is_killed])
def test_a_failing_disk_costs_nothing_that_was_acknowledged(tmp_path: Path, then: Then) -> None:
    ledger = asyncio.run(failed_under_load(tmp_path, then))

    assert ledger.complaints() == []
