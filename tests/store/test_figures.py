"""What a journal tells about itself."""

import asyncio
from pathlib import Path

import pytest

from tests.store.engines import Clock, open_journal, stop_writes
from tests.store.journals import IN_LOOP_AND_THREAD, begun, healed, rows
from turnserver.partition import Batch
from turnserver.store import journal
from turnserver.store.journal import JournalStore
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio


async def written(store: JournalStore, count: int) -> None:
    for number in range(count):
        await store.commit(f"room:{number}", begun())
        await store.settle()


def length(path: Path) -> int:
    return path.stat().st_size


@IN_LOOP_AND_THREAD
async def test_transactions_rows_and_times_are_counted(store: JournalStore) -> None:
    await written(store, 3)
    figures = store.figures

    assert (figures.transactions, figures.rows) == (3, 3)
    assert figures.entries_bytes == sum(len(row.entries) for row in rows(store))
    assert sum(figures.took.counts) == 3
    assert 0 < figures.took.sum_s < 60
    assert not figures.is_failing


async def test_the_lengths_of_the_files_are_told(store: JournalStore, tmp_path: Path) -> None:
    await written(store, 3)

    assert store.figures.database_bytes == length(tmp_path / "turnserver.db") > 0
    assert store.figures.wal_bytes == length(tmp_path / "turnserver.db-wal") > 0


async def test_a_restart_counts_transactions_from_zero_and_knows_the_rows(tmp_path: Path, clock: Clock) -> None:
    first = open_journal(tmp_path, clock)
    await written(first, 3)
    await first.close()
    second = open_journal(tmp_path, clock)
    figures = second.figures
    await second.close()

    assert (figures.transactions, figures.rows) == (0, 3)
    assert second.figures.wal_bytes == 0


async def test_cleaning_takes_rows_away(tmp_path: Path, clock: Clock) -> None:
    store = open_journal(tmp_path, clock, log_bytes_least=100)
    for number in range(50):
        await store.commit("room:1", Batch(put={"a": number}))
        await store.settle()
    figures, kept = store.figures, rows(store)
    await store.close()

    assert figures.rows == len(kept) < figures.transactions == 50
    assert figures.entries_bytes == sum(len(row.entries) for row in kept)


@IN_LOOP_AND_THREAD
async def test_a_failing_disk_is_told_until_it_works_again(store: JournalStore) -> None:
    stop_writes(store._log)
    await store.commit("room:1", begun())
    with pytest.raises(StoreDown):
        await store.settle()
    assert store.figures.is_failing
    assert sum(store.figures.took.counts) == 0
    stop_writes(store._log, stopped=False)
    await healed(store)

    assert not store.figures.is_failing
    assert sum(store.figures.took.counts) == 1


async def test_the_time_of_a_checkpoint_is_told(store: JournalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "CHECKPOINT_BYTES", 1)
    assert store.figures.checkpoint_at_s == 0
    await written(store, 1)
    async with asyncio.timeout(60):
        while not store.figures.checkpoint_at_s:  # noqa: ASYNC110  # a checkpoint tells nobody that it is done
            await asyncio.sleep(0.005)

    assert store.figures.checkpoint_at_s > 1_700_000_000


async def test_a_slow_commit_is_told_to_the_operator(
    store: JournalStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journal, "SLOW_COMMIT_S", 0)
    await written(store, 1)

    (record,) = caplog.records
    assert record.getMessage() == "slow commit"
