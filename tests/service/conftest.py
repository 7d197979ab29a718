"""Every use case is asked over memory, and over Redis."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextvars import copy_context
from typing import Any

import pytest

from tests.store.engines import shared_redis
from tests.text_server import TextServer
from turnserver.build import Document
from turnserver.store.redis.address import parse
from turnserver.store.redis.store import RedisStore


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask each test over each engine, or those its module names; Hypothesis's machines open stores of their own."""
    if metafunc.cls is None:
        metafunc.parametrize("engine", getattr(metafunc.module, "ENGINES", ["memory", "redis"]), indirect=True)


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The store that each new `TextServer` gets which is given none."""
    name = getattr(request, "param", "memory")
    if name == "memory":
        yield name
        return
    shared_redis().empty()
    stores: list[RedisStore] = []

    def opens(clock: Callable[[], int]) -> RedisStore:
        stores.append(RedisStore(parse(shared_redis().url), Document, clock=clock))
        return stores[-1]

    def runs(work: Coroutine[Any, Any, Any]) -> Any:
        return runner.run(work, context=copy_context())  # who a request comes from stands in there

    with asyncio.Runner() as runner:
        monkeypatch.setattr(TextServer, "opens", staticmethod(opens))
        monkeypatch.setattr(TextServer, "loops", staticmethod(runs))
        yield name
        for store in stores:
            runner.run(store.close())
