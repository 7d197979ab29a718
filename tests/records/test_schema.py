import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from turnserver.records import schema
from turnserver.records.database import Database
from turnserver.records.engine import engine_of
from turnserver.records.tables import Base
from turnserver.store.seam import StoreDown


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def run(url: str, statement: str) -> None:
    async def execute() -> None:
        engine = engine_of(url)
        async with engine.begin() as connection:
            await connection.execute(text(statement))
        await engine.dispose()

    asyncio.run(execute())


def compared(url: str) -> list[object]:
    async def compare() -> list[object]:
        database = Database(url)
        async with database.transaction() as connection:
            found = await connection.run_sync(differences)
        await database.close()
        return found

    return asyncio.run(compare())


def test_the_migrations_make_the_tables_of_the_models(url: str) -> None:
    assert schema.migrate(url) == (None, schema.HEAD)
    assert compared(url) == []


def test_a_first_use_of_sqlite_makes_the_same_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"

    assert compared(url) == []
    assert schema.migrate(url) == (schema.HEAD, schema.HEAD)


def test_the_version_is_that_of_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "turnserver.records:migrations")

    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_migrating_again_changes_nothing(url: str) -> None:
    schema.migrate(url)

    assert schema.migrate(url) == (schema.HEAD, schema.HEAD)
    schema.check(url)


def test_an_sqlite_file_is_migrated_when_a_server_starts(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    file.touch()
    url = f"sqlite:///{file}"

    schema.check(url)

    assert schema.migrate(url) == (schema.HEAD, schema.HEAD)


def test_a_file_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    schema.check(f"sqlite:///{tmp_path}/new.db")

    assert list(tmp_path.iterdir()) == []


def test_postgresql_with_an_old_schema_says_what_to_do(postgresql_url: str) -> None:
    with pytest.raises(StoreDown, match=r"have version none, this turnserver needs .* run turnserver migrate"):
        schema.check(postgresql_url)


def test_a_newer_schema_is_refused(url: str) -> None:
    schema.migrate(url)
    run(url, "UPDATE alembic_version SET version_num = '9999'")

    for use in (schema.check, schema.migrate):
        with pytest.raises(StoreDown, match="have version 9999, newer than"):
            use(url)
