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


async def test_a_wait_is_noted_from_the_reply_to_the_commit_until_it_is_rung() -> None:
    waits = Waits()
    mark = waits.mark("room:1", ("a", "s"))
    assert not waits.is_noted("room:1", ("a",))

    mark.is_noted = True
    assert waits.is_noted("room:1", ("a",))
    assert not waits.is_noted("room:1", ("a", "other"))
    assert not waits.is_noted("room:2", ("a",))

    waits.ring("room:1")
    assert not waits.is_noted("room:1", ("a",))


async def test_a_commit_that_rings_its_own_process_leaves_the_wait_that_it_noted_itself() -> None:
    waits = Waits()
    earlier, mine = waits.mark("room:1", ("a",)), waits.mark("room:1", ("s",))
    earlier.is_noted = mine.is_noted = True

    waits.ring("room:1", but=mine)

    assert [waits.is_noted("room:1", (name,)) for name in ("a", "s")] == [False, True]


async def test_a_wait_that_was_rung_before_the_reply_came_is_not_noted() -> None:
    waits = Waits()
    mark = waits.mark("room:1", ("a",))
    waits.ring("room:1")
    waits.mark("room:1", ("b",))

    waits.ring("room:1", but=mark)
    mark.is_noted = True

    assert not waits.is_noted("room:1", ("a",))


async def test_who_may_have_missed_messages_has_noted_nothing() -> None:
    waits = Waits()
    waits.mark("room:1", ("a",)).is_noted = True

    waits.ring_all()

    assert not waits.is_noted("room:1", ("a",))


async def test_marks_that_nobody_waits_with_are_forgotten_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnserver.store.redis.waits.MARKS_MAX", 2)
    waits = Waits()
    for number in range(3):
        waits.mark(f"room:{number}", ("a",)).is_noted = True

    assert [waits.is_noted(f"room:{number}", ("a",)) for number in range(3)] == [False, True, True]


async def test_who_no_longer_waits_is_forgotten() -> None:
    waits = Waits()
    waits.mark("room:1", ("a",)).is_noted = True
    task = await waiting(waits, "room:1")
    task.cancel()
    await asyncio.wait({task})

    assert waits._waits == {}
    assert not waits.is_noted("room:1", ("a",))
