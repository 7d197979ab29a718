"""The schema's version: found, compared with what this version of turnserver needs, and brought up to it by Alembic."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, inspect, text

from turnserver.records.places import is_sqlite
from turnserver.records.sqlite import PATIENCE_S, prepare
from turnserver.records.url import failing, parsed, shown
from turnserver.store.seam import StoreDown

HEAD = "0002"
"""The version of the schema that this code reads and writes."""

_LOCK = 0x7475726E
"""PostgreSQL's advisory lock for migrations: of two that start at once one waits and then finds nothing to do."""


def check(url: str) -> None:
    """See to it that the records can be used: SQLite is migrated, PostgreSQL must have been.

    An SQLite file that is not there yet is made, with its tables, by its first use.

    Raises:
        StoreDown: The database cannot be reached, or its schema is of another version; the message says what to do.
    """
    if is_sqlite(url):
        file = parsed(url).database
        if file and Path(file).exists() and _run(url, version) != HEAD:
            migrate(url)
        return
    found = _run(url, version)
    if found is None or found < HEAD:
        raise StoreDown(
            f"the tables in {shown(url)} have version {found or 'none'}, this turnserver needs {HEAD}; "
            "run turnserver migrate with the same settings, then start again"
        )
    _must_be_known(url, found)


def migrate(url: str) -> tuple[str | None, str]:
    """Bring the schema up to this code's version.

    Returns:
        The version before and the version after; they are the same where nothing was to be done.

    Raises:
        StoreDown: The database cannot be reached or changed, or its schema is newer than this code.
    """
    before = _run(url, _migrated)
    _must_be_known(url, before)
    return before, HEAD


def make_file(url: str) -> None:
    """Make all tables in an SQLite file that has none.

    Raises:
        StoreDown: The file cannot be opened or written.
    """
    _run(url, make)


def make(connection: Connection) -> None:
    """Make all tables in an empty database, as the migrations would; for a first use that must not take long."""
    if version(connection) is None:
        from turnserver.records.tables import Base  # noqa: PLC0415  # the models are needed nowhere else in here

        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def version(connection: Connection) -> str | None:
    """The version of the schema, None for a database without our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _migrated(connection: Connection) -> str | None:
    """Migrate where it is needed; the version before."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    before = version(connection)
    if before is None or before < HEAD:
        # Alembic takes ten megabytes, which a server that is up to date need not have.
        from alembic import command  # noqa: PLC0415  # see above
        from alembic.config import Config  # noqa: PLC0415  # see above

        config = Config()
        config.set_main_option("script_location", "turnserver.records:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
    return before


def _run(url: str, work: Callable[[Connection], str | None]) -> str | None:
    """What `work` returns, in one transaction on a connection of its own."""
    with failing(url):
        if not is_sqlite(url):
            return asyncio.run(_run_beside(url, work))
        # The plain driver: it needs eight megabytes less, and is closed when it says so.
        place = parsed(url).set(drivername="sqlite+pysqlite")
        engine = create_engine(place, poolclass=NullPool, connect_args={"timeout": PATIENCE_S})
        prepare(engine)
        with engine.begin() as connection:
            return work(connection)


async def _run_beside(url: str, work: Callable[[Connection], str | None]) -> str | None:
    from turnserver.records.engine import engine_of  # noqa: PLC0415  # needs what an idle server does not

    engine = engine_of(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _must_be_known(url: str, found: str | None) -> None:
    if found is not None and found > HEAD:
        raise StoreDown(
            f"the tables in {shown(url)} have version {found}, newer than {HEAD} that this turnserver knows; "
            "start the newer turnserver that made them"
        )
