import asyncio

import pytest

from turnserver.store.redis.waits import Waits

pytestmark = pytest.mark.anyio

LONG_S = 20.0


async def begun(*, in_vain: bool = False) -> "asyncio.Future[bool]":
    future = asyncio.get_running_loop().create_future()
    future.set_result(not in_vain)
    return future


async def waiting(waits: Waits, name: str) -> "asyncio.Task[None]":
    task = asyncio.create_task(waits.wait(name, LONG_S, await begun()))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_all_who_wait_for_a_partition_are_rung_and_no_others() -> None:
    waits = Waits()
    one, two, other = [await waiting(waits, name) for name in ("room:1", "room:1", "room:2")]

    waits.ring("room:1")
    await asyncio.gather(one, two)

    assert not other.done()
    waits.ring_all()
    await other


async def test_a_wait_for_what_has_moved_already_is_over() -> None:
    await asyncio.wait_for(Waits().wait("room:1", LONG_S, await begun(in_vain=True)), LONG_S / 2)


async def test_a_wait_that_cannot_be_told_to_redis_is_over() -> None:
    failed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    failed.set_exception(OSError("gone"))

    await asyncio.wait_for(Waits().wait("room:1", LONG_S, failed), LONG_S / 2)


async def test_who_no_longer_waits_is_forgotten() -> None:
    waits = Waits()
    task = await waiting(waits, "room:1")
    task.cancel()
    await asyncio.wait({task})

    assert waits._waits == {}
