"""Scripts run on the server that has their keys, by its clock or by the test's."""

from collections.abc import AsyncIterator

import pytest

from tests.redis_server import RedisServer
from tests.store.engines import Clock
from turnserver.store.redis import scripts
from turnserver.store.redis.address import parse
from turnserver.store.redis.runner import Runner
from turnserver.store.redis.server import Options
from turnserver.store.redis.servers import Servers

pytestmark = pytest.mark.anyio


@pytest.fixture
async def servers(redis: RedisServer) -> AsyncIterator[Servers]:
    opened = Servers(Options(parse(redis.url), timeout_s=5), lambda: None)
    yield opened
    await opened.close()


async def test_commands_and_scripts_are_answered(servers: Servers) -> None:
    runner = Runner(servers, None)

    assert await runner.ask(b"turn:{alias}", "HSET", b"turn:{alias}", "other", 1) == 1
    assert await runner.run(scripts.POINT, (b"turn:{alias}",), (b"id", b"room:1")) == b"id"
    assert await runner.ask(b"turn:{alias}", "HGET", b"turn:{alias}", "p") == b"id room:1"


async def test_what_concerns_a_partition_tells_the_clock_of_its_server(servers: Servers) -> None:
    runner = Runner(servers, None)
    assert runner.times_at("room:1") is None

    told, now_ms, _ = await runner.on(scripts.READ, "room:1", ("", "", 0, {}))

    assert told == 0
    times = runner.times_at("room:1")
    assert times is not None
    assert abs(times[0] - now_ms) < 1000
    assert abs(times[1] - now_ms) < 10_000


async def test_a_clock_that_is_given_is_that_of_the_servers(servers: Servers) -> None:
    clock = Clock()
    runner = Runner(servers, clock)

    assert (await runner.on(scripts.READ, "room:1", ("", "", 0, {})))[1] == clock()
    assert runner.times_at("room:1") == (clock(), clock())

    opened_ms = clock()
    await clock.pass_ms(100)
    assert runner.times_at("room:1") == (opened_ms + 100, opened_ms)
