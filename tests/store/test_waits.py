"""Who waits without a task is called back once, at the end of a round. Asked over each embedded store."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.engines import Bench, journal, memory
from tests.text_server import finished
from turnserver.partition import Batch
from turnserver.store.journal import JournalStore
from turnserver.store.memory import MemoryStore
from turnserver.store.waits import Wait

pytestmark = pytest.mark.anyio

LONG_S = 20.0
"""Longer than any test takes."""


@pytest.fixture(params=[memory, journal], ids=["memory", "journal"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """A store with two partitions."""
    async with request.param(tmp_path) as opened:
        for name in ("room:1", "room:2"):
            await opened.store.commit(name, Batch(put={"a": "one"}, ttl_ms=1000))
        yield opened


def later_s() -> float:
    return asyncio.get_running_loop().time() + LONG_S


class Waiter:
    """Somebody who waits for document `a` of some partitions."""

    def __init__(self, bench: Bench, *names: str, seen: int = 1, timeout_s: float = LONG_S) -> None:
        assert isinstance(bench.store, MemoryStore)
        self.calls = 0
        self.called = asyncio.Event()
        until_s = asyncio.get_running_loop().time() + timeout_s
        self.wait: Wait = bench.store.watch([(name, {"a": seen}) for name in names], until_s, self._wake)

    def _wake(self, _line: bytes | None) -> None:
        self.calls += 1
        self.called.set()


async def test_one_who_waits_is_called_back_at_the_end_of_the_round(bench: Bench) -> None:
    waiter = Waiter(bench, "room:1")
    await asyncio.sleep(0)

    await bench.store.commit("room:1", Batch(put={"a": "two"}))

    assert waiter.calls == 0
    await asyncio.sleep(0)
    assert waiter.calls == 1


async def test_one_who_was_called_back_waits_no_more(bench: Bench) -> None:
    waiter = Waiter(bench, "room:1")

    for value in ("two", "three"):
        await bench.store.commit("room:1", Batch(put={"a": value}))
        await asyncio.sleep(0)
    waiter.wait.ring()
    await asyncio.sleep(0)

    assert waiter.calls == 1


async def test_what_moves_wakes_those_alone_who_wait_for_it(bench: Bench) -> None:
    store = bench.store
    await store.commit("room:1", Batch(put={"b": "one"}))
    first, second, elsewhere = Waiter(bench, "room:1"), Waiter(bench, "room:1"), Waiter(bench, "room:2")
    assert isinstance(store, MemoryStore)
    called: list[str] = []
    store.watch([("room:1", {"b": 1})], later_s(), lambda _line: called.append("b"))

    await store.commit("room:1", Batch(put={"b": "two"}))
    await asyncio.sleep(0)
    assert (first.calls, called) == (0, ["b"])
    await store.commit("room:1", Batch(put={"a": "two"}))
    await asyncio.sleep(0)

    assert (first.calls, second.calls, elsewhere.calls) == (1, 1, 0)


@pytest.mark.parametrize("moved", ["room:1", "room:2"])
async def test_who_waits_for_two_partitions_hears_of_either_once(bench: Bench, moved: str) -> None:
    waiter = Waiter(bench, "room:1", "room:2")

    await bench.store.commit(moved, Batch(put={"a": "two"}))
    await asyncio.sleep(0)
    for name in ("room:1", "room:2"):
        await bench.store.commit(name, Batch(put={"a": "three"}))
    await asyncio.sleep(0)

    assert waiter.calls == 1


async def test_one_who_gave_up_is_not_called_back(bench: Bench) -> None:
    before, after = Waiter(bench, "room:1"), Waiter(bench, "room:1")

    before.wait.end()
    await bench.store.commit("room:1", Batch(put={"a": "two"}))
    after.wait.end()
    after.wait.end()
    await asyncio.sleep(0)

    assert (before.calls, after.calls) == (0, 0)


@pytest.mark.parametrize(("name", "seen"), [("room:1", 0), ("room:3", 0)])
async def test_with_nothing_to_wait_for_the_call_comes_at_once_but_not_from_inside(
    bench: Bench, name: str, seen: int
) -> None:
    waiter = Waiter(bench, name, seen=seen)

    assert waiter.calls == 0
    await asyncio.sleep(0)
    assert waiter.calls == 1


async def test_the_call_comes_when_the_time_is_up(bench: Bench) -> None:
    waiter = Waiter(bench, "room:1", timeout_s=0.02)

    await asyncio.wait_for(waiter.called.wait(), LONG_S)

    assert waiter.calls == 1


async def test_the_end_of_a_partition_and_of_the_store_call_all_back(bench: Bench) -> None:
    first, second = Waiter(bench, "room:1"), Waiter(bench, "room:2")

    await bench.store.commit("room:1", Batch(ends=True))
    bench.store.wake()
    late = Waiter(bench, "room:2")
    await asyncio.sleep(0)

    assert (first.calls, second.calls, late.calls) == (1, 1, 1)


async def test_nobody_is_left_behind_in_a_partition(bench: Bench) -> None:
    store = bench.store
    assert isinstance(store, MemoryStore)
    waiters = [Waiter(bench, "room:1", "room:2") for _ in range(3)]

    waiters[0].wait.end()
    await store.commit("room:2", Batch(put={"a": "two"}))

    assert [store._partitions[name].waits for name in ("room:1", "room:2")] == [None, None]


async def test_a_mistake_in_one_who_is_called_back_harms_no_other(bench: Bench) -> None:
    store = bench.store
    assert isinstance(store, MemoryStore)
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["exception"]))
    mistake = ValueError("a mistake")

    def fail(_line: bytes | None) -> None:
        raise mistake

    store.watch([("room:1", {"a": 1})], later_s(), fail)
    waiter = Waiter(bench, "room:1")
    await store.commit("room:1", Batch(put={"a": "two"}))
    await asyncio.sleep(0)
    await store.settle()

    assert (waiter.calls, told) == (1, [mistake])


async def test_what_is_committed_by_those_who_are_called_back_is_written_with_what_woke_them(tmp_path: Path) -> None:
    async with journal(tmp_path) as bench:
        store = bench.store
        assert isinstance(store, JournalStore)
        await store.commit("room:1", Batch(put={"a": "one"}))
        await store.settle()
        rows = store.figures.transactions
        answers: list[object] = []

        def answer(_line: bytes | None) -> None:
            answers.append(finished(store.commit("room:1", Batch(put={"b": "seen"}))))

        store.watch([("room:1", {"a": 1})], later_s(), answer)
        await store.commit("room:1", Batch(put={"a": "two"}))
        await store.settle()

        assert (answers, store.figures.transactions - rows) == ([True], 1)
