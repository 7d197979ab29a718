import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.engines import shared_redis
from turnserver import build
from turnserver.domain.owed import Owed, is_owing, owing
from turnserver.partition import Batch
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
def test_over_redis_records_are_kept_whatever_the_journals_durability(tmp_path: Path, durability: Durability) -> None:
    shared = replace(settings(tmp_path, durability), live="redis://127.0.0.1/0")

    assert build.records_of(shared) == f"sqlite:///{tmp_path}/state.records.db"


def test_over_redis_what_was_half_done_is_finished_beside_the_requests(tmp_path: Path) -> None:
    shared_redis().empty()
    owed = Batch(put={"match": 1}, append=owing([Owed("match:a", "game_ended", "{}", ("guest:ann",))]), ttl_ms=60_000)

    async def life() -> tuple[bool, bool]:
        application = build.Application(replace(settings(tmp_path, Durability.PROCESS), live=shared_redis().url))
        await application.store.commit("match:a", owed)
        await application.recover()
        before = is_owing(await application.store.read("match:a"))
        application.start()
        async with asyncio.timeout(20):
            while is_owing(await application.store.read("match:a")):  # noqa: ASYNC110  # a store tells nobody that waits outside it
                await asyncio.sleep(0.01)
        await application.close()
        return before, (tmp_path / "state.db").exists()

    assert asyncio.run(life()) == (True, False)


@pytest.mark.parametrize("durability", list(Durability))
def test_records_are_not_opened_before_their_first_use(tmp_path: Path, durability: Durability) -> None:
    build.check_records(settings(tmp_path, durability))

    assert list(tmp_path.iterdir()) == []


def test_records_of_an_older_schema_are_brought_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "state.records.db").touch()

    with_accounts = settings(tmp_path, Durability.PROCESS)
    build.check_records(with_accounts)

    assert schema.migrate(build.records_of(with_accounts)) == (schema.HEAD, schema.HEAD)
