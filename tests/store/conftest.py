"""The stores under test: one of each engine, with a clock that the test moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.engines import ENGINES, Bench, Clock, open_journal, stop_writes
from turnserver.store.journal import JournalStore


@pytest.fixture
def anyio_backend() -> str:
    """The stores speak asyncio."""
    return "asyncio"


@pytest.fixture(params=sorted(ENGINES))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """An open store of each engine in turn."""
    async with ENGINES[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """The machine's clock."""
    return Clock()


@pytest.fixture
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[JournalStore]:
    """A journal store; it may have refused to write when the test has ended."""
    opened = open_journal(tmp_path, clock, in_thread=getattr(request, "param", False))
    yield opened
    stop_writes(opened._log, stopped=False)
    await opened.close()
