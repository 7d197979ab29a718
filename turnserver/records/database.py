"""The records' database: opened by its first use, one transaction at a time for each who works with it.

SQLite keeps its rollback journal here, not a WAL: `turnserver operator` and `turnserver account` write while a server
runs, and SQLite before 3.51.3 can corrupt a WAL that two connections write. Records are written seldom.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from turnserver.records import schema
from turnserver.records.engine import engine_of
from turnserver.records.places import IN_MEMORY, is_sqlite
from turnserver.records.url import failing


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
        """The engine; an SQLite file has its tables before anybody connects, and one that cannot be used says so."""
        if self.url == IN_MEMORY:
            engine = engine_of(self.url)
            async with engine.begin() as connection:
                await connection.run_sync(schema.make)
            return engine
        if is_sqlite(self.url):
            await asyncio.to_thread(schema.make_file, self.url)
        return engine_of(self.url)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end of the block, rolled back by what is raised in it.

        Raises:
            StoreDown: The database fails, or is busy for too long; nothing was done unless it fell silent during the
                commit.
        """
        engine = await self.engine()
        with failing(self.url):
            async with engine.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Let go of all connections; the next use opens them again."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()
