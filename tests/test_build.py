import asyncio
from pathlib import Path

import pytest

from turnserver import build
from turnserver.records import schema
from turnserver.settings import Durability, Settings
from turnserver.store.journal import JournalStore
from turnserver.store.memory import MemoryStore
from turnserver.wire.paths import TextPath


def settings(folder: Path, durability: Durability) -> Settings:
    return Settings(durability=durability, database=f"sqlite:///{folder / 'state.db'}")


def test_without_durability_nothing_is_written(tmp_path: Path) -> None:
    store = build.store(settings(tmp_path, Durability.NONE))

    assert type(store) is MemoryStore
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("durability", [Durability.PROCESS, Durability.POWER])
def test_otherwise_there_is_a_journal(tmp_path: Path, durability: Durability) -> None:
    store = build.store(settings(tmp_path, durability))
    asyncio.run(store.close())

    assert isinstance(store, JournalStore)
    assert (tmp_path / "state.db").exists()


def test_the_parts_are_joined_and_can_be_stopped(tmp_path: Path) -> None:
    async def life() -> bytes:
        application = build.Application(settings(tmp_path, Durability.PROCESS))
        response = await application.exchange.respond(b"0,ann,*,*,*", TextPath("", is_batch=False))
        application.drain()
        await application.close()
        return response.body

    assert asyncio.run(life()).startswith(b"0/0/")


@pytest.mark.parametrize("durability", list(Durability))
def test_records_are_not_opened_before_their_first_use(tmp_path: Path, durability: Durability) -> None:
    build.check_records(settings(tmp_path, durability))

    assert list(tmp_path.iterdir()) == []


def test_records_of_an_older_schema_are_brought_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "state.records.db").touch()

    with_accounts = settings(tmp_path, Durability.PROCESS)
    build.check_records(with_accounts)

    assert schema.migrate(build.records_of(with_accounts)) == (schema.HEAD, schema.HEAD)
