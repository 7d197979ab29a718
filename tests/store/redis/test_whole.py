from collections.abc import Callable
from typing import Any

import pytest

from tests.redis_server import RedisServer
from tests.store.engines import Clock, shared_cluster
from tests.store.wholes import filled, opened, redis_at
from turnserver.partition import Batch
from turnserver.store.images import Image
from turnserver.store.redis.address import parse
from turnserver.store.redis.opening import check
from turnserver.store.redis.store import RedisStore
from turnserver.store.redis.whole import AHEAD_MS_MAX, RedisWhole
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio

IMAGE: Image[str | int] = Image("room:1", {"a": (1, "one")}, {}, None, ())


def breaking_off() -> Any:
    yield IMAGE
    raise StoreDown("the file ends here")


@pytest.fixture(params=["single", "cluster"])
def url(request: pytest.FixtureRequest, redis: RedisServer) -> str:
    """Somewhere empty: a server of its own, or a cluster."""
    if request.param == "single":
        return redis.url
    shared_cluster().empty()
    return shared_cluster().url


async def test_half_an_import_is_known_as_such(url: str, clock: Clock) -> None:
    place = redis_at(url, clock)
    async with opened(place) as whole:
        with pytest.raises(StoreDown, match="ends here"):
            await whole.fill(breaking_off(), now_ms=clock())

    with pytest.raises(StoreDown, match="holds one half of an import"):
        check(parse(url), timeout_s=5)
    async with opened(place) as whole:
        with pytest.raises(StoreDown, match="is not empty"):
            await whole.check_empty()


async def test_a_whole_import_is_none(url: str, clock: Clock) -> None:
    await filled(redis_at(url, clock), IMAGE, now_ms=clock())

    check(parse(url), timeout_s=5)


async def test_a_clock_that_is_far_behind_is_told(redis: RedisServer, clock: Clock) -> None:
    place = redis_at(redis.url, clock)

    await filled(place, IMAGE, now_ms=clock() + AHEAD_MS_MAX)
    redis.empty()
    with pytest.raises(StoreDown, match="the clock of Redis is 61 s behind"):
        await filled(place, IMAGE, now_ms=clock() + AHEAD_MS_MAX + 1_000)

    assert redis.command("DBSIZE") == 0


async def test_each_process_that_uses_redis_is_counted(
    redis: RedisServer, clock: Clock, process: Callable[..., RedisStore]
) -> None:
    for store in (process(), process()):
        await store.read("room:1")

    async with opened(redis_at(redis.url, clock)) as whole:
        with pytest.raises(StoreDown, match=r"in use by 2 server process\(es\)"):
            await whole.check_unused()


async def test_servers_of_another_database_do_not_count(
    redis: RedisServer, clock: Clock, process: Callable[..., RedisStore]
) -> None:
    await process(redis.url.removesuffix("0") + "1").read("room:1")

    async with opened(redis_at(redis.url, clock)) as whole:
        await whole.check_unused()
        await whole.check_empty()


async def test_what_was_lost_on_the_way_to_a_name_is_not_taken_for_one(
    redis: RedisServer, clock: Clock, process: Callable[..., RedisStore]
) -> None:
    store = process()
    await store.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1",)))
    assert not await store.commit("room:1", Batch({"a": 5}, put={"a": "two"}, aliases=("by:2",)))
    await store.close()

    async with opened(redis_at(redis.url, clock)) as whole:
        images = [image async for image in whole.images()]

    assert [(image.name, list(image.aliases)) for image in images] == [("room:1", ["by:1"])]


async def test_the_clock_is_that_of_redis(redis: RedisServer) -> None:
    whole = RedisWhole(parse(redis.url), str | int, timeout_s=5)
    await whole.fill([IMAGE], now_ms=0)
    seconds, _ = redis.command("TIME")

    assert abs(await whole.now_ms() // 1000 - int(seconds)) <= 5
    assert [image.name async for image in whole.images()] == ["room:1"]
    await whole.close()
