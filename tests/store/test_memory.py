"""What the memory store adds to the contract: how it finds what is over without ever looking at everything."""

import asyncio

import pytest

from tests.store.engines import Clock
from turnserver.partition import Batch, Document
from turnserver.store.memory import CALENDAR_ENTRIES_PER_TURN, MemoryStore, Partition

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


def begun(ttl_ms: int) -> Batch:
    return Batch(put={"a": "one"}, ttl_ms=ttl_ms)


def held(store: MemoryStore) -> int:
    """How many partitions are in memory, over or not."""
    return len(store._partitions)


async def test_what_is_over_leaves_memory_by_later_commits(store: MemoryStore, clock: Clock) -> None:
    await store.commit("room:1", begun(500))
    await clock.pass_ms(2000)

    await store.commit("room:2", begun(500))

    assert held(store) == 1


async def test_what_was_prolonged_stays_until_its_later_end(store: MemoryStore, clock: Clock) -> None:
    await store.commit("room:1", begun(3000))
    await clock.pass_ms(2000)
    await store.commit("room:1", Batch())
    await clock.pass_ms(2500)
    assert await store.count("room") == 1

    await clock.pass_ms(2000)

    assert await store.count("room") == 0
    assert held(store) == 0


async def test_one_commit_ends_a_bounded_number_and_a_few_end_all(store: MemoryStore, clock: Clock) -> None:
    rooms = 3 * CALENDAR_ENTRIES_PER_TURN
    for room in range(rooms):
        await store.commit(f"room:{room}", begun(500))
    await clock.pass_ms(5000)

    counts = []
    for _ in range(4):
        await store.commit("pool:", Batch(put={"a": "one"}))
        counts.append(held(store) - 1)

    assert counts == [rooms - CALENDAR_ENTRIES_PER_TURN * turn for turn in (1, 2, 3)] + [0]


async def test_a_store_that_is_full_of_what_is_over_empties_by_counting(store: MemoryStore, clock: Clock) -> None:
    for room in range(2 * CALENDAR_ENTRIES_PER_TURN):
        await store.commit(f"room:{room}", begun(500))
    await clock.pass_ms(60_000)

    assert [await store.count("room") for _ in range(2)] == [CALENDAR_ENTRIES_PER_TURN, 0]


async def test_short_lives_end_after_a_long_quiet_although_a_long_life_goes_on(
    store: MemoryStore, clock: Clock
) -> None:
    await store.commit("room:long", begun(900_000))
    await clock.pass_ms(300_000)
    await store.commit("room:short", begun(1000))

    await clock.pass_ms(5000)

    assert await store.count("room") == 1


async def test_after_a_long_quiet_every_end_in_between_is_found(store: MemoryStore, clock: Clock) -> None:
    for ttl_s in (1, 70, 150, 250, 299):
        await store.commit(f"room:{ttl_s}", begun(1000 * ttl_s))
    await clock.pass_ms(400_000)

    assert await store.count("room") == 0


async def test_an_entry_of_the_calendar_does_not_end_a_later_partition_of_that_name(
    store: MemoryStore, clock: Clock
) -> None:
    await store.commit("room:1", begun(500))
    await store.commit("room:1", Batch(ends=True))
    await store.commit("room:1", Batch(put={"a": "again"}))

    await clock.pass_ms(10_000)

    assert await store.count("room") == 1
    assert (await store.read("room:1")).value("a") == "again"


async def test_one_who_waits_is_told_when_the_time_is_over_and_somebody_notices(
    store: MemoryStore, clock: Clock
) -> None:
    await store.commit("room:1", begun(500))
    waiter = store.wait("room:1", {"a": 1}, 60)
    waiter.send(None)
    await clock.pass_ms(500)

    await store.read("room:1")
    await asyncio.sleep(0)

    with pytest.raises(StopIteration):
        waiter.send(None)


class Ahead:
    """A cache of a partition that is one document ahead of it."""

    def __init__(self, partition: Partition) -> None:
        self._partition = partition

    def write_back(self) -> None:
        self._partition.documents = {"a": Document(2, "ahead")}

    def invalidate(self) -> None:
        raise AssertionError("nobody commits here")

    forget = invalidate


@pytest.mark.parametrize("look", ["read", "glance"])
async def test_who_looks_sees_what_a_cache_is_ahead(store: MemoryStore, look: str) -> None:
    await store.commit("room:1", begun(500))
    partition = store.partition("room:1")
    assert partition is not None
    partition.cache = Ahead(partition)

    view = await store.read("room:1") if look == "read" else store.glance("room:1")

    assert view is not None
    assert view.value("a") == "ahead"


@pytest.mark.parametrize(("ttl_ms", "lives"), [(2000, 0), (None, 1)])
async def test_what_was_replaced_lives_as_long_as_what_was_committed(
    store: MemoryStore, clock: Clock, ttl_ms: int | None, lives: int
) -> None:
    await store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=ttl_ms))
    await clock.pass_ms(1500)
    partition, view = store.partition("room:1"), await store.read("room:1")
    assert partition is not None
    store.replace(partition, view.after({"a": "two"}, {}), (), is_told=True)

    await clock.pass_ms(1500)
    assert (await store.read("room:1")).value("a") == "two"

    await clock.pass_ms(60_000)
    assert await store.count("room") == lives


async def test_nothing_suspends_but_waiting(store: MemoryStore) -> None:
    calls = (
        store.commit("room:1", begun(500)),
        store.read("room:1"),
        store.count("room"),
        store.scan("room"),
        store.settle(),
        store.wait("room:1", {"a": 0}, 60),
        store.close(),
    )

    for call in calls:
        with pytest.raises(StopIteration):
            call.send(None)
