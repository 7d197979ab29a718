"""Which database keeps what: the journal is an SQLite file of its own, records stand beside it or in PostgreSQL.

Nothing here needs SQLAlchemy, which is the larger half of an idle server's memory.

Source: docs/decisions/0016-records.md
"""

from pathlib import Path

JOURNAL = "sqlite:///turnserver.db"
"""Where the journal is when `database` names a server that keeps records only."""

IN_MEMORY = "sqlite://"
"""Records that end with the process."""


def is_sqlite(database: str) -> bool:
    """True for the URL of an SQLite file."""
    return database.partition(":")[0].partition("+")[0] == "sqlite"


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite URL; one that is never there for records in memory; None for another kind of database."""
    return Path(url.partition(":///")[2] or IN_MEMORY) if is_sqlite(url) else None


def journal_url(database: str) -> str:
    """The URL of the journal's file, for the setting `database`."""
    return database if is_sqlite(database) else JOURNAL


def records_url(database: str, *, writes: bool = True) -> str:
    """The URL of the records, for the setting `database`.

    SQLite before 3.51.3 can corrupt a file in WAL mode that two connections write, and the journal's connection belongs
    to the relay: so records have a file of their own beside it, `turnserver.records.db` for `turnserver.db`.

    Args:
        database: An SQLAlchemy URL, as the setting has it.
        writes: False where durability is "none": then nothing is written beside an SQLite journal.
    """
    if not is_sqlite(database):
        return database
    place, slashes, path = database.partition(":///")
    if not writes or not path:
        return IN_MEMORY
    file = Path(path)
    return f"{place}{slashes}{file.with_name(f'{file.stem}.records{file.suffix}')}"
