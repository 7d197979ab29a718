"""The journal on a disk that fails: told to everyone, nothing lost, and it heals by itself."""

import asyncio
from pathlib import Path

import pytest

from tests.store.engines import Clock, open_journal, open_log, stop_writes
from tests.store.journals import IN_LOOP_AND_THREAD, all_shown, begun, found_after_a_kill, healed, rows
from turnserver.partition import Batch
from turnserver.store.journal import JournalStore
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio


@IN_LOOP_AND_THREAD
async def test_a_failing_disk_is_told_to_everyone_who_waits(store: JournalStore) -> None:
    stop_writes(store._log)
    waits = []
    for number in range(3):
        await store.commit(f"room:{number}", begun())
        waits.append(asyncio.create_task(store.settle()))

    failures = await asyncio.gather(*waits, return_exceptions=True)

    assert [type(failure) for failure in failures] == [StoreDown] * 3
    assert not store.is_settled


async def test_while_the_disk_fails_commits_change_nothing_and_reads_cannot_be_told(store: JournalStore) -> None:
    await store.commit("room:1", begun("old"))
    await store.settle()
    stop_writes(store._log)
    await store.commit("room:1", begun("failed"))
    with pytest.raises(StoreDown):
        await store.settle()

    with pytest.raises(StoreDown):
        await store.commit("room:1", begun("refused"))
    with pytest.raises(StoreDown):
        await store.commit("room:2", begun("refused"))

    assert (await store.read("room:1")).value("a") == "failed"
    assert not (await store.read("room:2")).exists
    with pytest.raises(StoreDown):
        await store.settle()


@IN_LOOP_AND_THREAD
async def test_a_disk_that_works_again_heals_the_journal(store: JournalStore, tmp_path: Path, clock: Clock) -> None:
    stop_writes(store._log)
    await store.commit("room:1", begun("failed"))
    with pytest.raises(StoreDown):
        await store.settle()
    stop_writes(store._log, stopped=False)

    await healed(store)

    await store.commit("room:1", begun("after"))
    await store.settle()
    assert await found_after_a_kill(tmp_path, clock) == await all_shown(store)
    assert (await store.read("room:1")).stream("s").after(0) == [b"failed", b"after"]


async def test_the_journal_tries_again_as_often_as_it_takes(store: JournalStore) -> None:
    stop_writes(store._log)
    await store.commit("room:1", begun())
    with pytest.raises(StoreDown):
        await store.settle()
    first_try = store._retrying
    async with asyncio.timeout(20):
        while store._retrying is first_try:  # noqa: ASYNC110  # it fails in silence
            await asyncio.sleep(0.005)
    stop_writes(store._log, stopped=False)

    await healed(store)

    assert len(rows(store)) == 1


async def test_what_ends_while_the_disk_fails_is_written_when_it_works_again(
    store: JournalStore, tmp_path: Path, clock: Clock
) -> None:
    await store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=500))
    await store.settle()
    stop_writes(store._log)
    await store.commit("room:2", begun())
    with pytest.raises(StoreDown):
        await store.settle()
    await clock.pass_ms(500)
    assert not (await store.read("room:1")).exists
    stop_writes(store._log, stopped=False)

    await healed(store)

    assert list(await found_after_a_kill(tmp_path, clock)) == ["room:2"]


async def test_cleaning_goes_on_where_a_failure_interrupted_it(
    store: JournalStore, tmp_path: Path, clock: Clock
) -> None:
    for turn in range(300):
        stop_writes(store._log, stopped=turn % 10 == 9)
        try:
            await store.commit(f"room:{turn % 90}", Batch(put={"a": turn}, append={"s": [b"x" * 30]}))
            await store.settle()
        except StoreDown:
            stop_writes(store._log, stopped=False)
            await healed(store)

    assert await found_after_a_kill(tmp_path, clock) == await all_shown(store)
    assert len(rows(store)) < 300


async def test_closing_tries_once_more_what_failed(tmp_path: Path, clock: Clock) -> None:
    store = open_journal(tmp_path, clock, retry_s=1000)
    stop_writes(store._log)
    await store.commit("room:1", begun())
    with pytest.raises(StoreDown):
        await store.settle()
    stop_writes(store._log, stopped=False)

    await store.close()

    again = open_journal(tmp_path, clock)
    assert await again.scan("room") == ["room:1"]
    await again.close()


async def test_closing_says_so_if_the_disk_still_fails_and_lets_go_of_the_file(tmp_path: Path, clock: Clock) -> None:
    store = open_journal(tmp_path, clock)
    stop_writes(store._log)
    await store.commit("room:1", begun())
    with pytest.raises(StoreDown):
        await store.settle()

    with pytest.raises(StoreDown, match="readonly"):
        await store.close()

    open_log(tmp_path).close()


async def test_who_asks_to_be_called_is_told_of_the_failure(store: JournalStore) -> None:
    called: list[BaseException | None] = []
    stop_writes(store._log)
    await store.commit("room:1", begun())
    store.when_settled(called.append)

    with pytest.raises(StoreDown):
        await store.settle()

    store.when_settled(called.append)
    assert [type(error) for error in called] == [StoreDown, StoreDown]
