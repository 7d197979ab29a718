"""A Redis for each test, emptied; and stores on it, each as if it were in a process of its own."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.redis_server import RedisServer
from tests.store.engines import Clock, open_redis, shared_redis
from turnserver.store.redis.store import RedisStore


@pytest.fixture
def anyio_backend() -> str:
    """The stores speak asyncio."""
    return "asyncio"


@pytest.fixture
def redis() -> RedisServer:
    """A server with nothing in it."""
    shared_redis().empty()
    return shared_redis()


@pytest.fixture
def clock() -> Clock:
    """The store's clock."""
    return Clock()


@pytest.fixture
async def process(redis: RedisServer, clock: Clock) -> AsyncIterator[Callable[..., RedisStore]]:
    """Opens a store, as a further process would; options are those of `RedisStore`, `url` another server."""
    stores: list[RedisStore] = []

    def opened(url: str = redis.url, **options: Any) -> RedisStore:
        stores.append(open_redis(url, **{"clock": clock, **options}))
        return stores[-1]

    yield opened
    for store in stores:
        await store.close()
