"""Waiting: a wake-up is a hint that comes in time, and no wait lasts for ever. Asked of each engine in turn."""

import asyncio
import time

import pytest

from tests.store.engines import Bench
from turnserver.partition import Batch
from turnserver.store.seam import Store

pytestmark = pytest.mark.anyio

LONG_S = 20.0
"""Longer than any test takes: a wait that really lasts this long has failed."""


async def waiting(store: Store, name: str, *watched: str, timeout_s: float = LONG_S) -> "asyncio.Task[None]":
    """Somebody who has read the partition and waits for it to move."""
    view = await store.read(name)
    task = asyncio.create_task(store.wait(name, {name: view.counter(name) for name in watched}, timeout_s))
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def woken(task: "asyncio.Task[None]") -> bool:
    """True if the wait is over within the next rounds of the event loop."""
    for _ in range(3):
        await asyncio.sleep(0)
    return task.done()


@pytest.mark.parametrize(
    "batch", [Batch(put={"a": "two"}), Batch(append={"s": [b"x"]}), Batch(put={"b": "new"}), Batch(ends=True)]
)
async def test_a_wait_ends_when_something_watched_moves(bench: Bench, batch: Batch) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1",)))
    task = await waiting(bench.store, "by:1", "a", "b", "s")

    await bench.store.commit("room:1", batch)

    await asyncio.wait_for(task, LONG_S)


async def test_a_wait_ends_by_a_commit_under_another_name(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1",)))
    task = await waiting(bench.store, "room:1", "a")

    await bench.store.commit("by:1", Batch(put={"a": "two"}))

    await asyncio.wait_for(task, LONG_S)


async def test_a_wait_goes_on_while_only_other_things_move(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))
    task = await waiting(bench.store, "room:1", "a", "s")

    await bench.store.commit("room:1", Batch(put={"b": "new"}, append={"t": [b"x"]}))
    await bench.store.commit("room:1", Batch(ttl_ms=1000, lasting=False))
    await bench.store.commit("room:2", Batch(put={"a": "new"}))

    assert not await woken(task)
    task.cancel()


async def test_everyone_who_waits_is_woken(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))
    tasks = [await waiting(bench.store, "room:1", "a") for _ in range(3)]

    await bench.store.commit("room:1", Batch(put={"a": "two"}))

    await asyncio.wait_for(asyncio.gather(*tasks), LONG_S)


async def test_a_wait_ends_after_its_time(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))
    started_s = time.monotonic()

    await bench.store.wait("room:1", {"a": 1}, 0.02)

    assert 0.01 < time.monotonic() - started_s < LONG_S


@pytest.mark.parametrize(
    ("name", "seen", "timeout_s"),
    [("room:1", {"a": 0}, LONG_S), ("room:1", {"s": 1}, LONG_S), ("room:1", {"a": 1}, 0), ("room:2", {"a": 0}, LONG_S)],
)
async def test_a_wait_ends_at_once_where_there_is_nothing_to_wait_for(
    bench: Bench, name: str, seen: dict[str, int], timeout_s: float
) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))

    await asyncio.wait_for(bench.store.wait(name, seen, timeout_s), LONG_S / 2)


async def test_a_wait_for_what_is_over_ends_at_once(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=100))
    await bench.pass_ms(100)

    await asyncio.wait_for(bench.store.wait("room:1", {"a": 1}, LONG_S), LONG_S / 2)


async def test_one_who_stops_waiting_is_forgotten_and_the_others_still_wait(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))
    gone, stays = [await waiting(bench.store, "room:1", "a") for _ in range(2)]

    gone.cancel()

    assert await woken(gone)
    assert not stays.done()
    await bench.store.commit("room:1", Batch(put={"a": "two"}))
    await asyncio.wait_for(stays, LONG_S)


async def test_waking_ends_every_wait_now_and_from_now_on(bench: Bench) -> None:
    for name in ("room:1", "room:2"):
        await bench.store.commit(name, Batch(put={"a": "one"}, aliases=(f"by:{name}",)))
    tasks = [await waiting(bench.store, name, "a") for name in ("room:1", "room:2", "by:room:2")]

    bench.store.wake()

    await asyncio.wait_for(asyncio.gather(*tasks), LONG_S)
    await asyncio.wait_for(bench.store.wait("room:1", {"a": 1}, LONG_S), LONG_S / 2)


async def test_closing_ends_every_wait(bench: Bench) -> None:
    await bench.store.commit("room:1", Batch(put={"a": "one"}))
    task = await waiting(bench.store, "room:1", "a")

    await bench.store.close()

    await asyncio.wait_for(task, LONG_S)
