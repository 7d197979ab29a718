"""Every use case is asked over memory, over Redis, and over a Redis Cluster."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextvars import copy_context
from typing import Any

import pytest

from tests.redis_cluster import RedisCluster
from tests.redis_server import RedisServer
from tests.store.engines import shared_cluster, shared_redis
from tests.text_server import TextServer
from turnserver.build import Document
from turnserver.store.redis.address import parse
from turnserver.store.redis.store import RedisStore

REDIS: dict[str, Callable[[], RedisServer | RedisCluster]] = {"redis": shared_redis, "redis-cluster": shared_cluster}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask each test over each engine; state machines, and modules that say so, open stores of their own."""
    if metafunc.cls is None and not getattr(metafunc.module, "OPENS_ITS_STORES", False):
        metafunc.parametrize("engine", ["memory", *REDIS], indirect=True)


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The store that each new `TextServer` gets which is given none."""
    name = getattr(request, "param", "memory")
    if name == "memory":
        yield name
        return
    shared = REDIS[name]()
    shared.empty()
    stores: list[RedisStore] = []

    def opens(clock: Callable[[], int]) -> RedisStore:
        stores.append(RedisStore(parse(shared.url), Document, clock=clock))
        return stores[-1]

    def runs(work: Coroutine[Any, Any, Any]) -> Any:
        return runner.run(work, context=copy_context())  # who a request comes from stands in there

    with asyncio.Runner() as runner:
        monkeypatch.setattr(TextServer, "opens", staticmethod(opens))
        monkeypatch.setattr(TextServer, "loops", staticmethod(runs))
        yield name
        for store in stores:
            runner.run(store.close())
