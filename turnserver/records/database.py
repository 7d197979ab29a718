"""The records' database: opened by its first use, one transaction at a time for each who works with it.

SQLite keeps its rollback journal here, not a WAL: `turnserver operator` and `turnserver account` write while a server
runs, and SQLite before 3.51.3 can corrupt a WAL that two connections write. Records are written seldom.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from turnserver.records import schema

CONNECTIONS = 4
"""How many use the records at once; others wait their turn."""

PATIENCE_S = 10
"""How long somebody waits for a connection, or for another process that writes the same SQLite file."""


class Database:
    """The records of one server.

    Args:
        url: As `places.records_url` gives it.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()

    async def engine(self) -> AsyncEngine:
        """The engine, with all tables there: for tools that bring their own statements.

        Raises:
            StoreDown: The database cannot be opened.
        """
        if self._engine is None:
            async with self._opening:
                if self._engine is None:
                    self._engine = await self._opened()
        return self._engine

    async def _opened(self) -> AsyncEngine:
        engine = engine_of(self.url)
        if engine.dialect.name == "sqlite":
            try:
                with schema.failing(self.url):
                    async with engine.begin() as connection:
                        await connection.run_sync(schema.make)
            except BaseException:
                await engine.dispose()
                raise
        return engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end of the block, rolled back by what is raised in it.

        Raises:
            StoreDown: The database fails, or is busy for too long; nothing was done unless it fell silent during the
                commit.
        """
        engine = await self.engine()
        with schema.failing(self.url):
            async with engine.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Let go of all connections; the next use opens them again."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()


def engine_of(url: str) -> AsyncEngine:
    """An engine for the records at `url`, not connected yet.

    Raises:
        StoreDown: It is no URL of a database that can keep records.
    """
    place = schema.parsed(url)
    is_sqlite = place.get_backend_name() == "sqlite"
    is_in_memory = is_sqlite and place.database in (None, "", ":memory:")
    engine = create_async_engine(
        place,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if is_in_memory else CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE_S,
        pool_pre_ping=not is_sqlite,
        connect_args={"timeout": PATIENCE_S},
    )
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _as_we_use_it)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _as_we_use_it(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, not where sqlite3 guesses
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Any) -> None:
    """Take the right to write at once: a transaction that reads first could not get it later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
