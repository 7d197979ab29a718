"""What is over leaves nothing behind, and what is made again meanwhile stays."""

import asyncio
from collections.abc import Callable

import pytest

from tests.redis_server import RedisServer
from tests.store.engines import Clock
from turnserver.partition import Batch
from turnserver.store.redis.index import GRACE_MS, REVIEWS_MAX
from turnserver.store.redis.store import RedisStore

pytestmark = pytest.mark.anyio

Process = Callable[..., RedisStore]


def left(redis: RedisServer) -> list[bytes]:
    """All keys."""
    with redis.client() as client:
        keys: list[bytes] = client.keys("*")
    return sorted(keys)


async def test_what_is_over_leaves_nothing_in_redis(redis: RedisServer, process: Process, clock: Clock) -> None:
    store = process()
    for number in range(3):
        await store.commit(f"room:{number}", Batch(put={"a": "one"}, ttl_ms=500, aliases=(f"by:{number}",)))
    await clock.pass_ms(1000)

    await store.count("room")

    assert left(redis) == []


async def test_what_was_ended_leaves_nothing_in_redis(redis: RedisServer, process: Process) -> None:
    store = process()
    await store.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1", "by:2")))
    await store.commit("room:1", Batch(drops=("by:2",)))

    await store.commit("by:1", Batch(ends=True))

    assert left(redis) == []


def commits(redis: RedisServer) -> int:
    """How many scripts were run."""
    with redis.client() as client:
        return int(client.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"])


async def test_what_is_to_be_made_is_announced_before_it_is_committed_once(
    redis: RedisServer, process: Process
) -> None:
    store = process()
    await store.count("room")
    before = commits(redis)

    assert await store.commit("room:1", Batch({"a": 0}, put={"a": "one"}))

    assert commits(redis) - before == 1
    assert await store.scan("room") == ["room:1"]


async def test_what_was_announced_and_was_there_already_stays(
    redis: RedisServer, process: Process, clock: Clock
) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch({"a": 0}, put={"a": "one"}, ttl_ms=60_000))
    await other.count("pool")

    assert not await other.commit("room:1", Batch({"a": 0}, put={"a": "two"}))
    other._memory.clear()
    assert await other.commit("room:1", Batch({"b": 0}, put={"b": "two"}))

    for _ in range(3):
        await clock.pass_ms(GRACE_MS)
        assert await other.count("room") == 1
    await clock.pass_ms(60_000)
    assert await other.count("room") == 0
    assert left(redis) == []


async def test_another_process_clears_away_what_is_over(redis: RedisServer, process: Process, clock: Clock) -> None:
    await process().commit("room:1", Batch(put={"a": "one"}, ttl_ms=500, aliases=("by:1",)))
    await clock.pass_ms(1000)
    other = process()
    assert await other.count("room") == 1

    await clock.pass_ms(500)  # it has heard nothing of the room for so long, and could have
    assert await other.count("room") == 0
    assert left(redis) == []


async def test_making_partitions_clears_away_old_ones(process: Process, clock: Clock) -> None:
    store = process()
    for number in range(2 * REVIEWS_MAX):
        await store.commit(f"room:{number}", Batch(put={"a": "one"}, ttl_ms=500))
    await clock.pass_ms(1000)

    for number in range(2, 6):
        await store.commit(f"room:new-{number}", Batch(put={"a": "one"}))
    async with asyncio.timeout(20):
        while len(store._index._clearing):  # noqa: ASYNC110  # what nobody waits for tells nobody
            await asyncio.sleep(0.01)

    with_index = await store._runner.ask(b"turn:index:{room}", "ZCARD", b"turn:index:{room}")
    assert with_index == 4


async def test_a_name_that_was_announced_by_one_who_died_goes(process: Process, clock: Clock) -> None:
    store = process()
    await store._index.announce("room:1", clock.now_ms)
    assert await store.scan("room") == []

    await clock.pass_ms(GRACE_MS)

    assert await store.count("room") == 0


async def test_an_announcement_that_is_too_old_is_made_again(process: Process, clock: Clock) -> None:
    store = process()
    announce = store._index.announce

    async def slowly(name: str, now_ms: int) -> int:
        until_ms = await announce(name, now_ms)
        if clock.now_ms < 2 * GRACE_MS:
            await clock.pass_ms(GRACE_MS + 1)
        return until_ms

    store._index.announce = slowly  # type: ignore[method-assign]  # the machine was asleep in between
    assert await store.commit("room:1", Batch(put={"a": "one"}))
    await clock.pass_ms(10 * GRACE_MS)

    assert await store.count("room") == 1


async def test_what_is_made_again_while_it_is_cleared_keeps_its_place_and_its_alias(
    process: Process, clock: Clock
) -> None:
    store, other = process(), process()
    begun = Batch(put={"a": "one"}, ttl_ms=500, aliases=("by:1",))
    await store.commit("room:1", begun)
    await other.read("room:1")
    await clock.pass_ms(1000)
    unpoint = store._index.unpoint

    async def late(alias: str, id_: bytes, name: str) -> None:
        await other.commit("room:1", begun)
        await unpoint(alias, id_, name)

    store._index.unpoint = late  # type: ignore[method-assign]  # the other comes just before
    await store.count("room")

    assert (await store.read("by:1")).value("a") == "one"
    assert await store.scan("room") == ["room:1"]


async def test_many_are_listed(process: Process) -> None:
    store = process()
    names = {f"room:{number}" for number in range(1200)}
    await asyncio.gather(*(store.commit(name, Batch(put={"a": "one"})) for name in names))

    assert set(await store.scan("room")) == names
