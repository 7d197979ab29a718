"""What the journal's tests share: what is in a store, and what a restart finds of it."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.store.engines import Clock, open_journal
from tests.store.model import Shown, shown
from turnserver.partition import Batch
from turnserver.store.journal import JournalStore
from turnserver.store.log import ImageRow, Row

IN_LOOP_AND_THREAD = pytest.mark.parametrize("store", [False, True], indirect=True, ids=["in the loop", "in a thread"])


def begun(text: str = "one") -> Batch:
    return Batch(put={"a": text}, append={"s": [text.encode()]})


def rows(store: JournalStore) -> list[Row]:
    return store._log.rows(after=0, most=1_000_000)


def images(store: JournalStore) -> list[ImageRow]:
    return store._log.images(after=0, most=1_000_000)


async def all_shown(store: JournalStore) -> dict[str, Shown]:
    return {name: shown(await store.read(name)) for name in sorted(store._partitions)}


async def restarted(tmp_path: Path, clock: Clock) -> JournalStore:
    """A store that starts on what a kill at this moment leaves on the disk."""
    folder = tmp_path / "killed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tmp_path, folder)
    return open_journal(folder, clock)


async def found_after_a_kill(tmp_path: Path, clock: Clock) -> dict[str, Shown]:
    found = await restarted(tmp_path, clock)
    everything = await all_shown(found)
    await found.close()
    return everything


async def healed(store: JournalStore) -> None:
    """Wait until the journal has written what failed, or what nobody was told of."""
    async with asyncio.timeout(20):
        while not store.is_settled:  # noqa: ASYNC110  # the journal tells nobody that it has healed
            await asyncio.sleep(0.005)
