"""The write-ahead log on disk, written by one process at a time: numbered rows in one SQLite table, images in another.

Each row is one transaction of the journal, with the images that are written beside it; SQLite in WAL mode makes it
whole or nothing. The log knows nothing of what the bytes mean. All calls block; a failure of the disk is `StoreDown`.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from turnserver.store.seam import StoreDown

FORMAT = 3
"""Kept as the database's user_version: a file of another format is refused, not guessed at."""

FORMATS_READ = (0, 2, FORMAT)
"""An empty file's, and the one before: it had images among the entries of its rows, and no table for them."""

PAGE_BYTES = 1024
"""A row is short and a transaction writes whole pages: small ones, so that there is less to write twice."""

_METADATA = MetaData()
_JOURNAL = Table(
    "journal",
    _METADATA,
    Column("row", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("entries", LargeBinary, nullable=False),
)
_IMAGES = Table(
    "images",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("row", Integer, nullable=False),
    Column("image", LargeBinary, nullable=False),
)
_PUT_ROW = "INSERT OR REPLACE INTO journal (row, at_ms, entries) VALUES (?, ?, ?)"
_GET_ROWS = "SELECT row, at_ms, entries FROM journal WHERE row > ? ORDER BY row LIMIT ?"
_DELETE_ROWS = "DELETE FROM journal WHERE row <= ?"
_PUT_IMAGE = "INSERT OR REPLACE INTO images (number, row, image) VALUES (?, ?, ?)"
_GET_IMAGES = "SELECT number, row, image FROM images WHERE number > ? ORDER BY number LIMIT ?"
_DELETE_IMAGE = "DELETE FROM images WHERE number = ?"


class InUse(StoreDown):
    """The file belongs to a running server."""


class Row(NamedTuple):
    """One transaction: its number, the store's clock when it was written, and its encoded entries."""

    number: int
    at_ms: int
    entries: bytes


class ImageRow(NamedTuple):
    """A partition's image."""

    number: int
    row: int
    """The row that it was written with: it has all that rows up to this one tell."""
    image: bytes


class Cleaned(NamedTuple):
    """What a transaction does beside adding its row."""

    images: Sequence[ImageRow] = ()
    """Each is new, or takes the place of the one of that number."""
    gone: Sequence[int] = ()
    """Numbers of images that go."""
    upto: int = 0
    """The row up to which all go; 0 for none."""


NOTHING_CLEANED = Cleaned()


class Log:
    """The open log. One connection, because SQLite before 3.51.3 can corrupt a WAL that two of them write.

    Args:
        url: A SQLAlchemy URL of a SQLite file, for example `sqlite:///turnserver.db`.
        syncs: True to sync each row to the disk (survives a power cut), False to hand it to the operating system
            (survives the end of the process).

    Raises:
        StoreDown: The file cannot be opened, belongs to a running server (`InUse`), or is of another format.
    """

    def __init__(self, url: str, *, syncs: bool) -> None:
        self._path = path = file_of(url)
        with ExitStack() as undoing, _disk(f"cannot open {path}"):
            self._lock = undoing.enter_context(_locked(path))
            self._connection = undoing.enter_context(_connect(url, syncs=syncs))
            self._check_format(path)
            # A statement or four a group, many groups a second: nothing of what SQLAlchemy does for one is needed here.
            driver_connection = self._connection.connection.driver_connection
            assert driver_connection is not None
            self._execute, self._executemany = driver_connection.execute, driver_connection.executemany
            undoing.pop_all()

    def _check_format(self, path: Path) -> None:
        found = self._connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if found not in FORMATS_READ:
            raise StoreDown(
                f"{path} has format {found}; this version of turnserver reads format {FORMAT}. It holds live games and"
                " messages, no accounts: move it away to begin anew, or serve it with the version that wrote it"
            )
        _METADATA.create_all(self._connection)
        self._connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")

    def rows(self, *, after: int, most: int) -> list[Row]:
        """The first `most` rows numbered above `after`, oldest first."""
        with _disk("cannot read the journal"):
            return [Row(*row) for row in self._execute(_GET_ROWS, (after, most))]

    def images(self, *, after: int, most: int) -> list[ImageRow]:
        """The first `most` images numbered above `after`, in order of their numbers."""
        with _disk("cannot read the journal"):
            return [ImageRow(*image) for image in self._execute(_GET_IMAGES, (after, most))]

    def write(self, row: Row, cleaned: Cleaned = NOTHING_CLEANED) -> None:
        """Add one row and do what else there is, in one transaction, durably as the log promises.

        The same again replaces: a failed write can be repeated.
        """
        with _disk("cannot write the journal"):
            if cleaned is NOTHING_CLEANED:
                self._execute(_PUT_ROW, row)
                return
            images, gone, upto = cleaned
            self._execute("BEGIN")
            try:
                self._execute(_PUT_ROW, row)
                if gone:
                    self._executemany(_DELETE_IMAGE, [(number,) for number in gone])
                if images:
                    self._executemany(_PUT_IMAGE, images)
                if upto:
                    self._execute(_DELETE_ROWS, (upto,))
                self._execute("COMMIT")
            except sqlite3.Error:
                self._roll_back()
                raise

    def fill(self, row: Row, images: Iterable[ImageRow]) -> None:
        """Add images and then a row, all in one transaction, and move them into the database file; no row without any.

        What is raised by the images themselves leaves the log as it was.
        """
        with _disk("cannot write the journal"):
            self._execute("BEGIN")
            try:
                if self._executemany(_PUT_IMAGE, images).rowcount > 0:
                    self._execute(_PUT_ROW, row)
                self._execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
        self.checkpoint()

    def _roll_back(self) -> None:
        try:
            self._connection.exec_driver_sql("ROLLBACK")
        except SQLAlchemyError:  # a full disk may have rolled back by itself
            return

    def flush(self) -> None:
        """Let the disk take what the WAL file holds, while rows are written: a checkpoint then takes less time."""
        with suppress(OSError), self._path.with_name(f"{self._path.name}-wal").open("rb") as wal:
            os.fdatasync(wal.fileno())

    def checkpoint(self) -> None:
        """Move what the WAL file holds into the database file; syncs, and so can take a while."""
        with _disk("cannot write the journal"):
            self._connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").close()

    def file_bytes(self) -> tuple[int, int]:
        """The lengths of the database file and of the WAL file beside it; 0 for one that is not there."""
        return _length(self._path), _length(self._path.with_name(f"{self._path.name}-wal"))

    def close(self) -> None:
        """Let go of the file. Again is harmless."""
        with closing(self._lock), _disk("cannot close the journal"), self._connection:
            if not self._connection.closed:
                self._connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def file_of(url: str) -> Path:
    """The file of a journal's URL.

    Raises:
        StoreDown: It is no URL of an SQLite file.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise StoreDown(f"{url!r} is no database URL; write one like sqlite:///turnserver.db") from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreDown(f"{url!r} is not a SQLite file; write one like sqlite:///turnserver.db")
    return Path(parsed.database)


def _locked(path: Path) -> IO[bytes]:
    """The open lock file beside the database. The operating system frees the lock when the process ends."""
    lock_path = path.with_name(f"{path.name}.lock")
    try:
        lock = lock_path.open("ab")
    except OSError as error:
        raise StoreDown(f"cannot open {lock_path}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise InUse(
            f"{path} is in use by another turnserver; stop it, or give this one a file of its own with --database"
        ) from None
    return lock


def _connect(url: str, *, syncs: bool) -> Connection:
    engine = create_engine(
        make_url(url).set(drivername="sqlite+pysqlite"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False},  # a checkpoint runs in a thread while nobody else calls
    )
    event.listen(engine, "connect", _pragmas(syncs=syncs))
    return engine.connect()


def _pragmas(*, syncs: bool) -> Callable[..., None]:
    def set_pragmas(connection: object, _record: object) -> None:
        execute = connection.execute  # type: ignore[attr-defined]  # a DBAPI connection of sqlite3
        execute(f"PRAGMA page_size = {PAGE_BYTES}")
        execute("PRAGMA journal_mode = WAL")
        execute(f"PRAGMA synchronous = {'FULL' if syncs else 'NORMAL'}")
        execute("PRAGMA wal_autocheckpoint = 0")

    return set_pragmas


@contextmanager
def _disk(what: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        reason = getattr(error, "orig", None) or error
        raise StoreDown(f"{what}: {reason}") from error
