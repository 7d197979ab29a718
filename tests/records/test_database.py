import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import Executable, func, insert, select
from sqlalchemy.exc import IntegrityError

from turnserver.records import schema
from turnserver.records.database import Database
from turnserver.records.places import IN_MEMORY
from turnserver.records.tables import Operator, ResetToken
from turnserver.store.seam import StoreDown


def using(url: str, work: Callable[[Database], Awaitable[None]]) -> None:
    async def use() -> None:
        database = Database(url)
        try:
            await work(database)
        finally:
            await database.close()

    schema.migrate(url)
    asyncio.run(use())


async def write(database: Database, statement: Executable) -> None:
    async with database.transaction() as connection:
        await connection.execute(statement)


async def add(database: Database, name: str) -> None:
    await write(database, insert(Operator).values(name=name, password="x", created_ms=0))


async def count(database: Database) -> int:
    async with database.transaction() as connection:
        return (await connection.execute(select(func.count()).select_from(Operator))).scalar_one()


def test_a_transaction_is_kept_whole(url: str) -> None:
    async def work(database: Database) -> None:
        await add(database, "ann")

        assert await count(database) == 1

    using(url, work)


def test_what_is_raised_in_a_transaction_undoes_it(url: str) -> None:
    async def work(database: Database) -> None:
        async def regret() -> None:
            async with database.transaction() as connection:
                await connection.execute(insert(Operator).values(name="ann", password="x", created_ms=0))
                raise ValueError("enough")

        with pytest.raises(ValueError, match="enough"):
            await regret()

        assert await count(database) == 0

    using(url, work)


def test_a_conflict_can_be_told_from_a_failure_inside_the_transaction(url: str) -> None:
    async def work(database: Database) -> None:
        async def add_unless_taken() -> str:
            async with database.transaction() as connection:
                try:
                    await connection.execute(insert(Operator).values(name="ann", password="x", created_ms=0))
                except IntegrityError:
                    return "taken"
            return "added"

        assert [await add_unless_taken(), await add_unless_taken()] == ["added", "taken"]

    using(url, work)


def test_a_row_cannot_belong_to_what_is_not_there(url: str) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(StoreDown, match="cannot use the records"):
            await write(database, insert(ResetToken).values(digest="x", account_id=7, made_ms=0, ends_ms=0))

    using(url, work)


def test_many_write_at_once_and_none_is_lost(url: str) -> None:
    async def work(database: Database) -> None:
        await asyncio.gather(*(add(database, f"ann{index}") for index in range(20)))

        assert await count(database) == 20

    using(url, work)


def test_another_process_writes_the_same_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shared.db"

    async def work(database: Database) -> None:
        other = Database(url)
        await asyncio.gather(*(add(one, f"{index}") for index, one in enumerate([database, other] * 5)))
        await other.close()

        assert await count(database) == 10

    using(url, work)
    assert not list(tmp_path.glob("*-wal"))


def test_records_in_memory_last_as_long_as_they_are_open() -> None:
    async def work() -> None:
        database = Database(IN_MEMORY)
        await asyncio.gather(*(add(database, f"{index}") for index in range(5)))
        assert await count(database) == 5
        await database.close()

        assert await count(database) == 0
        await database.close()

    asyncio.run(work())


def test_the_first_uses_at_once_open_one_database(tmp_path: Path) -> None:
    async def work() -> None:
        database = Database(f"sqlite:///{tmp_path}/new.db")

        engines = await asyncio.gather(*(database.engine() for _ in range(5)))

        assert len(set(map(id, engines))) == 1
        await database.close()

    asyncio.run(work())


def test_a_database_that_cannot_be_opened_is_down_and_can_be_tried_again(tmp_path: Path) -> None:
    async def work() -> None:
        database = Database(f"sqlite:///{tmp_path}/missing/records.db")
        with pytest.raises(StoreDown):
            await count(database)
        (tmp_path / "missing").mkdir()

        assert await count(database) == 0
        await database.close()

    asyncio.run(work())
