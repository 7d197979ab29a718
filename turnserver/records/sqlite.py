"""SQLite as records use it: with foreign keys, and transactions that begin with the right to write."""

from typing import Any

from sqlalchemy import Engine, event

PATIENCE_S = 10
"""How long somebody waits for another connection, or another process, that writes the same file."""


def prepare(engine: Engine) -> None:
    """Let all connections of an engine be used that way."""
    event.listen(engine, "connect", _connect)
    event.listen(engine, "begin", _begin)


def _connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, not where sqlite3 guesses
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Any) -> None:
    """Take the right to write at once: a transaction that reads first could not get it later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
