"""The stores under test: one of each engine, with a clock that the test moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.engines import ENGINES, Bench


@pytest.fixture
def anyio_backend() -> str:
    """The stores speak asyncio."""
    return "asyncio"


@pytest.fixture(params=sorted(ENGINES))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """An open store of each engine in turn."""
    async with ENGINES[request.param](tmp_path) as opened:
        yield opened
