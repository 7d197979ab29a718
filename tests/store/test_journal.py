"""The journal: what it writes when, and what a restart finds."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.store.engines import Clock, open_journal, open_log
from tests.store.journals import (
    IN_LOOP_AND_THREAD,
    all_shown,
    begun,
    found_after_a_kill,
    healed,
    restarted,
    rows,
)
from tests.store.model import Shown
from turnserver.partition import Batch
from turnserver.store import journal
from turnserver.store.entries import MOVE, changed
from turnserver.store.images import IMAGE
from turnserver.store.journal import JournalStore
from turnserver.store.log import Row
from turnserver.store.memory import Partition
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio


@IN_LOOP_AND_THREAD
async def test_what_is_settled_survives_a_kill(store: JournalStore, tmp_path: Path, clock: Clock) -> None:
    await store.commit("room:1", Batch(put={"a": "one"}, append={"s": [b"x", b"y"]}, aliases=("by:1",)))
    await store.commit("by:1", Batch(release={"s": 1}, put={"b": 2}))
    await store.settle()

    assert await found_after_a_kill(tmp_path, clock) == await all_shown(store)


async def test_commits_of_one_round_of_the_loop_are_written_together(store: JournalStore) -> None:
    async def client(number: int) -> None:
        await store.commit(f"room:{number}", begun())
        await store.settle()

    await asyncio.gather(*map(client, range(10)))

    assert len(rows(store)) == 1


async def test_a_commit_is_written_without_anybody_waiting_for_it(store: JournalStore) -> None:
    await store.commit("room:1", begun())

    await asyncio.sleep(0)

    assert (len(rows(store)), store.is_settled) == (1, True)


async def test_who_gives_up_before_it_is_settled_keeps_nobody_from_it(store: JournalStore) -> None:
    await store.commit("room:1", begun())
    gives_up = store.settle()
    gives_up.send(None).cancel()

    await store.settle()

    assert store.is_settled
    with pytest.raises(asyncio.CancelledError):
        gives_up.send(None)


async def test_nothing_is_settled_before_it_is_written(store: JournalStore) -> None:
    await store.commit("room:1", begun())

    assert (len(rows(store)), store.is_settled) == (0, False)


def quiet(store: JournalStore, name: str = "room:1") -> None:
    """A change that nobody is told of."""
    store.note_quietly(store.partition(name) or Partition(name), changed(name, {"a": "quiet"}, {}, {}))


async def test_what_nobody_is_told_of_is_written_with_what_somebody_is_told_of(store: JournalStore) -> None:
    for _ in range(3):
        quiet(store)
        await asyncio.sleep(0)
    assert (len(rows(store)), store.is_settled) == (0, False)

    await store.commit("room:1", begun())
    await asyncio.sleep(0)

    assert (len(rows(store)), store.is_settled) == (1, True)


async def test_whoever_settles_waits_for_what_nobody_was_told_of_and_no_longer(
    store: JournalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LINGER_S", 3600)
    quiet(store)

    await asyncio.wait_for(store.settle(), 20)

    assert len(rows(store)) == 1


async def test_what_nobody_is_told_of_is_written_soon_all_the_same(
    store: JournalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LINGER_S", 0.001)
    quiet(store)
    quiet(store, "room:2")

    await healed(store)

    assert len(rows(store)) == 1


async def test_what_nobody_is_told_of_is_there_after_a_stop(tmp_path: Path, clock: Clock) -> None:
    store = open_journal(tmp_path, clock)
    await store.commit("room:1", begun())
    quiet(store)

    await store.close()

    assert (await found_after_a_kill(tmp_path, clock))["room:1"].documents["a"] == (2, "quiet")


@pytest.mark.parametrize("store", [True], indirect=True)
async def test_commits_during_a_write_are_written_after_it(store: JournalStore) -> None:
    await store.commit("room:1", begun())
    first = asyncio.create_task(store.settle())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store._writing is not None
    late_reader = asyncio.create_task(store.settle())
    await asyncio.sleep(0)

    await store.commit("room:2", begun())
    await store.commit("room:3", begun())
    await store.settle()

    assert first.done()
    assert late_reader.done()
    assert len(rows(store)) == 2


async def test_a_sign_of_life_writes_nothing(store: JournalStore) -> None:
    await store.commit("room:1", begun())
    await store.settle()

    await store.commit("room:1", Batch(put={"a": "seen"}, lasting=False))
    await store.settle()

    assert len(rows(store)) == 1


async def test_a_partition_that_ends_and_begins_again_in_one_round_is_the_new_one(
    store: JournalStore, tmp_path: Path, clock: Clock
) -> None:
    await store.commit("room:1", Batch(put={"a": "old", "b": "old"}, append={"s": [b"old"]}, aliases=("by:1",)))
    await store.commit("room:1", Batch(ends=True))
    await store.commit("room:1", Batch(put={"a": "new"}))
    await store.settle()

    assert len(rows(store)) == 1
    assert await found_after_a_kill(tmp_path, clock) == {"room:1": Shown({"a": (1, "new")}, {})}


async def test_what_a_client_saw_to_be_over_stays_over_after_a_kill(
    store: JournalStore, tmp_path: Path, clock: Clock
) -> None:
    await store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=500))
    await store.settle()
    await clock.pass_ms(500)

    assert not (await store.read("room:1")).exists
    await store.settle()

    assert await found_after_a_kill(tmp_path, clock) == {}


async def test_the_clock_stands_still_while_the_server_is_down(
    store: JournalStore, tmp_path: Path, clock: Clock
) -> None:
    await store.commit("room:1", begun())
    await store.settle()
    before_ms = store.now_ms()
    await clock.pass_ms(1_000_000)

    again = await restarted(tmp_path, clock)

    assert again.now_ms() == again.opened_ms == before_ms
    await clock.pass_ms(70)
    assert (await again.read("room:1")).now_ms == before_ms + 70
    await again.close()


async def test_after_a_restart_everything_has_its_whole_span_again(
    store: JournalStore, tmp_path: Path, clock: Clock
) -> None:
    await store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=1000))
    await store.settle()
    await clock.pass_ms(990)

    again = await restarted(tmp_path, clock)

    await clock.pass_ms(999)
    assert (await again.read("room:1")).exists
    await clock.pass_ms(2000)
    assert await again.count("room") == 0
    await again.close()


async def test_a_long_log_is_moved_out_of_the_wal_file_beside_the_loop(
    store: JournalStore, tmp_path: Path, clock: Clock
) -> None:
    database = tmp_path / "turnserver.db"
    await store.commit("room:1", Batch(put={"a": "x" * (journal.CHECKPOINT_BYTES + 1)}))
    await store.settle()
    await store.commit("room:2", begun())
    await store.settle()  # meanwhile the disk takes what is in the WAL file
    async with asyncio.timeout(60):
        while not store._is_busy:  # noqa: ASYNC110  # the journal tells nobody that a checkpoint begins
            await asyncio.sleep(0)

    await store.commit("room:3", begun())
    assert not store.is_settled
    await store.settle()

    assert database.stat().st_size > journal.CHECKPOINT_BYTES
    assert sorted(await found_after_a_kill(tmp_path, clock)) == ["room:1", "room:2", "room:3"]


async def test_a_group_that_waits_in_vain_is_written_all_the_same(
    store: JournalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "GATHER_S", 0.5)
    await store.commit("room:0", begun())
    await store.settle()
    store._gathering.enough = 3
    for number in (1, 2):
        await store.commit(f"room:{number}", begun())
        await asyncio.sleep(0)

    await store.settle()

    assert (len(rows(store)), store._gathering.enough) == (2, 2)


async def test_a_group_that_is_as_large_as_expected_waits_no_longer(
    store: JournalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "GATHER_S", 3600)
    await store.commit("room:0", begun())
    await store.settle()
    store._gathering.enough = 3
    for number in range(1, 4):
        await store.commit(f"room:{number}", begun())
        await asyncio.sleep(0)

    await store.settle()

    assert len(rows(store)) == 2


async def test_closing_waits_for_a_checkpoint_and_for_what_came_after_it(tmp_path: Path, clock: Clock) -> None:
    store = open_journal(tmp_path, clock)
    await store.commit("room:1", Batch(put={"a": "x" * (journal.CHECKPOINT_BYTES + 1)}))
    await store.settle()
    await store.commit("room:2", begun())

    await store.close()

    again = open_journal(tmp_path, clock)
    assert sorted(await again.scan("room")) == ["room:1", "room:2"]
    await again.close()


@pytest.mark.parametrize("store", [True], indirect=True)
async def test_one_who_stops_waiting_does_not_disturb_the_others(store: JournalStore) -> None:
    await store.commit("room:1", begun())
    gone, stays = asyncio.create_task(store.settle()), asyncio.create_task(store.settle())
    for _ in range(3):
        await asyncio.sleep(0)

    gone.cancel()
    await stays

    assert store.is_settled


async def test_rows_of_changes_and_of_moves_are_read_alike(tmp_path: Path) -> None:
    begins: tuple[Any, ...] = (0, "room:1", {"a": "one"}, {"s": [b"x"], "t": [b"1", b"2"]}, {}, None, (), False)
    change = (0, "room:1", {"a": "two"}, {"s": [b"y", b"z"]}, {"t": 1}, None, (), False)
    move = (MOVE, "room:1", "a", "two", "s", [b"y", b"z"], "t", 1)
    shown: list[dict[str, Shown]] = []
    for entries in ([begins, change], [begins, move]):
        folder = tmp_path / str(len(shown))
        folder.mkdir()
        log = open_log(folder)
        log.write(Row(1, 0, msgspec.msgpack.encode(entries)))
        log.close()
        store = open_journal(folder)
        shown.append(await all_shown(store))
        await store.close()

    assert shown[0] == shown[1]
    assert list(shown[0]) == ["room:1"]


async def test_a_journal_that_cannot_be_read_lets_go_of_its_file(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write(Row(7, 0, b"no msgpack"))
    log.close()

    with pytest.raises(StoreDown, match="row 7 of the journal cannot be read: "):
        open_journal(tmp_path)

    open_log(tmp_path).close()


async def test_a_journal_of_the_format_before_goes_on(tmp_path: Path, clock: Clock) -> None:
    begins: tuple[Any, ...] = (0, "room:1", {"a": "one"}, {"s": [b"x"]}, {}, None, (), False)
    image = (IMAGE, "room:1", {"a": (7, "two")}, {"s": (3, [b"y"])}, 500, ("by:1",))
    ends: tuple[Any, ...] = (0, "room:2", {"a": "over"}, {}, {}, None, (), True)
    log = open_log(tmp_path)
    log.write(Row(1, 5, msgspec.msgpack.encode([begins, ends])))
    log.write(Row(2, 7, msgspec.msgpack.encode([image])))
    log._connection.exec_driver_sql("DROP TABLE images")
    log._connection.exec_driver_sql("PRAGMA user_version = 2")
    log.close()

    store = open_journal(tmp_path, clock)
    found = await all_shown(store)
    for turn in range(100):
        await store.commit("room:3", Batch(put={"a": turn, "b": "x" * 50}))
        await store.settle()
    again, oldest = await found_after_a_kill(tmp_path, clock), rows(store)[0].number
    await store.close()

    assert found == {name: Shown({"a": (7, "two")}, {"s": (3, [b"y"])}) for name in ("by:1", "room:1")}
    assert {name: again[name] for name in found} == found
    assert oldest > 2
