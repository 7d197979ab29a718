"""The journal is cleaned as it grows: what lives is found after any kill, and what is old takes no room."""

from collections import Counter
from pathlib import Path

import pytest

from tests.store.engines import Clock, open_journal
from tests.store.journals import all_shown, begun, found_after_a_kill, images, rows
from turnserver.partition import Batch
from turnserver.store.journal import JournalStore

pytestmark = pytest.mark.anyio


async def test_cleaning_keeps_the_log_short_and_loses_nothing(
    store: JournalStore, tmp_path: Path, clock: Clock
) -> None:
    await store.commit("room:idle", begun("idle"))
    for turn in range(500):
        await store.commit(f"room:{turn % 7}", Batch(put={"a": turn}, append={"s": [b"x" * 50]}, release={"s": turn}))
        await store.settle()
        assert sum(len(row.entries) for row in rows(store)) < 10_000

    assert len(rows(store)) < 100
    assert await found_after_a_kill(tmp_path, clock) == await all_shown(store)


async def test_cleaning_never_makes_a_group_large_however_much_lives(tmp_path: Path, clock: Clock) -> None:
    store = open_journal(tmp_path, clock, log_bytes_least=10_000)
    for number in range(800):
        await store.commit(f"room:{number}", begun())
        await store.settle()

    for turn in range(1600):
        await store.commit("room:0", Batch(put={"a": turn}))
        await store.settle()

    written = Counter(image.row for image in images(store))
    assert written.total() == 800
    assert max(written.values()) < 30
    assert await found_after_a_kill(tmp_path, clock) == await all_shown(store)
    await store.close()


async def test_what_has_not_changed_is_written_once_also_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    store = open_journal(tmp_path, clock)
    for number in range(50):
        await store.commit(f"room:{number}", begun())
    for lap in range(2):
        for turn in range(200):
            await store.commit("room:0", Batch(put={"a": "x" * 50}))
            if turn % 5 == 0:
                await store.settle()
        if lap == 0:
            cold = {image.number: image for image in images(store)}
            await store.close()
            store = open_journal(tmp_path, clock)

    left = {image.number: image for image in images(store)}
    assert len(left) == 50
    assert [number for number, image in left.items() if image != cold[number]] == [1]
    await store.close()


async def test_images_go_with_what_has_ended(store: JournalStore, tmp_path: Path, clock: Clock) -> None:
    for turn in range(400):
        await store.commit(f"room:{turn}", begun("x" * 100))
        await store.commit(f"room:{turn - 50}", Batch(ends=True))
        await store.settle()

    assert 20 < len(images(store)) < 60
    assert await found_after_a_kill(tmp_path, clock) == await all_shown(store)


async def test_what_has_ended_takes_no_memory_until_its_rows_go(store: JournalStore) -> None:
    await store.commit("room:1", begun("x" * 1000))
    partition = store.partition("room:1")
    assert partition is not None

    await store.commit("room:1", Batch(ends=True))

    assert (partition.is_dirty, partition.documents, partition.streams) == (True, {}, {})
