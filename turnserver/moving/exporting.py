"""Everything that must not be lost, written into one file."""

import os
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from turnserver import __version__
from turnserver.moving.lines import FORMAT, End, Header, Partition, Record, ServerKey, Writer
from turnserver.records import schema, whole
from turnserver.records.opened import Records
from turnserver.store.server_keys import ServerKeys
from turnserver.store.whole import Whole


async def export(live: Whole, records: Records, keys: ServerKeys, writer: Writer) -> End:
    """Write all lines of a file; what it then holds.

    Args:
        live: Live state that no server uses.
        records: Their records; may never have been used.
        keys: Their server keys.
        writer: The file's.

    Raises:
        StoreDown: Something cannot be read, or a server uses it.
    """
    await live.check_unused()
    at = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
    writer.write(Header(FORMAT, __version__, schema.HEAD, await live.now_ms(), at))
    for digest, name in keys.names().items():
        writer.write(ServerKey(name, digest))
    if records.is_there:
        async with records.database.transaction() as connection, aclosing(whole.rows(connection)) as rows:
            async for table, row in rows:
                writer.write(Record(table, row))
    async with aclosing(live.images()) as images:
        async for image in images:
            writer.write(Partition(image.name, image.documents, image.streams, image.ttl_ms, image.aliases))
    await live.check_unused()  # nor has one been started meanwhile
    return writer.end()


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file for its owner alone, there under its name when the block has come to its end, and not before.

    Raises:
        FileExistsError: There is such a file, or one of an export that goes on or was killed.
        OSError: It cannot be written.
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already; name another file")
    part = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise FileExistsError(f"{part} is there already: if no other export goes on, remove it") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
