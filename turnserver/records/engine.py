"""The asynchronous engine of the records' database."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from turnserver.records.places import IN_MEMORY, is_sqlite
from turnserver.records.sqlite import PATIENCE_S, prepare
from turnserver.records.url import parsed

CONNECTIONS = 4
"""How many use the records at once; others wait their turn."""


def engine_of(url: str) -> AsyncEngine:
    """An engine for the records at `url`, not connected yet.

    Raises:
        StoreDown: It is no URL of a database that can keep records.
    """
    place = parsed(url)
    is_file = is_sqlite(url)
    engine = create_async_engine(
        place,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if url == IN_MEMORY else CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE_S,
        pool_pre_ping=not is_file,
        connect_args={"timeout": PATIENCE_S},
    )
    if is_file:
        prepare(engine.sync_engine)
    return engine
