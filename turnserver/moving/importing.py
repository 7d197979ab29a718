"""What was exported, put where there is nothing yet.

The whole file is read once before anything is written. Then come server keys and records, and at last what is live;
keys and records that are there already, and are the very same, stay: so an import that broke off can be repeated, and
live state can move alone.
"""

from collections.abc import Iterator
from contextlib import aclosing
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from turnserver.moving.lines import BadFile, End, Header, Partition, Reader, Record, ServerKey
from turnserver.records import schema, whole
from turnserver.records.opened import Records
from turnserver.records.url import shown
from turnserver.store.images import Image
from turnserver.store.seam import StoreDown
from turnserver.store.server_keys import ServerKeys
from turnserver.store.whole import Whole

_encode = msgspec.json.Encoder().encode


class Contents(NamedTuple):
    """What a file has, beside the partitions."""

    header: Header
    keys: dict[str, str]
    """The names of server keys by their SHA-256."""
    records_digest: int
    """See `_digest`."""
    end: End


def looked_through(reader: Reader) -> Contents:
    """What a file has, once all of it was read.

    Raises:
        BadFile: It is not whole, or of another version.
    """
    lines = reader.lines()
    header: Header = next(lines)
    if header.records != schema.HEAD:
        raise BadFile(
            f"turnserver {header.turnserver} has exported this with records of version {header.records}, and this "
            f"turnserver has {schema.HEAD}: export and import with the same version"
        )
    names: dict[str, str] = {}
    digest, line = 0, None
    for line in lines:
        if isinstance(line, Record):
            try:
                whole.check_row((line.table, line.row))
            except ValueError as error:
                raise BadFile(f"a record cannot be used: {error}") from error
            digest = _with(digest, line)
        elif isinstance(line, ServerKey):
            names[line.digest] = line.name
    assert isinstance(line, End)
    return Contents(header, names, digest, line)


async def import_all(reader: Reader, contents: Contents, live: Whole, records: Records, keys: ServerKeys) -> None:
    """Put all that a file holds into stores that are empty.

    Args:
        reader: The file's.
        contents: What `looked_through` has found in it.
        live: Where live state goes.
        records: Where records go; their tables are there, and up to date.
        keys: Where server keys go.

    Raises:
        BadFile: The file is not what it was when it was looked through.
        StoreDown: Something is not empty, is used by a server, or cannot be written.
    """
    await live.check_unused()
    await live.check_empty()
    new_keys = _missing(contents.keys, keys)
    await _fill_records(reader, records, contents)
    for digest, name in new_keys.items():
        keys.add(digest, name)
    await live.fill(_images(reader), now_ms=contents.header.now_ms)


def _missing(wanted: dict[str, str], keys: ServerKeys) -> dict[str, str]:
    """The server keys that are not there yet."""
    there = keys.names()
    for digest, name in wanted.items():
        if name in there.values() and there.get(digest) != name:
            raise StoreDown(f"there is another server key {name!r} already; turnserver key remove {name} takes it away")
    return {digest: name for digest, name in wanted.items() if digest not in there}


async def _fill_records(reader: Reader, records: Records, contents: Contents) -> None:
    async with records.database.transaction() as connection:
        if await whole.is_empty(connection):
            rows = ((line.table, line.row) for line in reader.lines() if isinstance(line, Record))
            await whole.fill(connection, rows)
        elif await _digest(connection) != contents.records_digest:
            raise StoreDown(
                f"there are other records in {shown(records.url)} already; name an empty place with --database"
            )


async def _digest(connection: AsyncConnection) -> int:
    """The sum of the SHA-256 of all records: databases do not agree on the order of text."""
    digest = 0
    async with aclosing(whole.rows(connection)) as rows:
        async for table, row in rows:
            digest = _with(digest, Record(table, row))
    return digest


def _with(digest: int, record: Record) -> int:
    return digest + int.from_bytes(sha256(_encode(record)).digest(), "big")


def _images(reader: Reader) -> Iterator[Image[Any]]:
    for line in reader.lines():
        if isinstance(line, Partition):
            yield Image(line.name, line.documents, line.streams, line.ttl_ms, line.aliases)
