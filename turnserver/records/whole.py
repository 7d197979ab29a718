"""All records at once, row by row: read out of one database, and written into one whose tables are empty.

A row travels as plain values by column; what columns there are, `records.tables` says. Rows come in an order in which
they can be written: none before one that it refers to.

Source: docs/decisions/0030-export.md
"""

from collections.abc import AsyncGenerator, Iterable, Mapping
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from turnserver.records.tables import Base

STEP = 500
"""Rows that are written by one statement."""

Row = tuple[str, Mapping[str, Any]]
"""The name of a table, and a row's values by column."""

_TABLES = {str(table.name): table for table in Base.metadata.sorted_tables}


async def rows(connection: AsyncConnection) -> AsyncGenerator[Row, None]:
    """All rows of all tables, each table by its primary key; close it before the transaction ends."""
    for name, table in _TABLES.items():
        async with connection.stream(select(table).order_by(*table.primary_key.columns)) as found:
            async for row in found.mappings():
                yield name, {str(column): value for column, value in row.items()}


async def is_empty(connection: AsyncConnection) -> bool:
    """True if no table has a row."""
    for table in _TABLES.values():
        if await connection.scalar(select(func.count()).select_from(table)):
            return False
    return True


def check_row(row: Row) -> None:
    """Return if it is a row of a table of ours.

    Raises:
        ValueError: It is not; the message says why.
    """
    name, values = row
    table = _TABLES.get(name)
    if table is None:
        raise ValueError(f"there is no table {name!r}")
    if set(values) != set(table.columns.keys()):
        raise ValueError(f"the table {name!r} has other columns")


async def fill(connection: AsyncConnection, all_rows: Iterable[Row]) -> None:
    """Write rows, in the order in which `rows` gave them, into empty tables.

    Raises:
        StoreDown: The database refuses them.
    """
    for name, group in groupby(all_rows, key=itemgetter(0)):
        values = (dict(row) for _, row in group)
        while step := list(islice(values, STEP)):
            await connection.execute(insert(_TABLES[name]), step)
    if connection.dialect.name == "postgresql":
        await _number_on(connection)


async def _number_on(connection: AsyncConnection) -> None:
    """Let PostgreSQL number new rows after those that were written with their numbers."""
    for name, table in _TABLES.items():
        if table.autoincrement_column is not None:
            await connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name} HAVING max(id) > 0")  # noqa: S608  # names of our own tables
            )
