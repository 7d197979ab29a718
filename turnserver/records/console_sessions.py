"""Operators' sessions in the console: a row each, so that they end wherever they are ended.

Source: docs/console.md, "Logging in".
"""

from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from turnserver.domain.audit import Actor
from turnserver.records.audit import note
from turnserver.records.database import Database
from turnserver.records.tables import ConsoleSession, Operator


class OpenSession(NamedTuple):
    """An operator's session; times are Unix milliseconds."""

    operator: str
    seen_ms: int
    ends_ms: int


class ConsoleSessionRecords:
    """Sessions in the console, found by the SHA-256 of their token."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, operator_id: int, digest: str, actor: Actor, *, ends_ms: int) -> None:
        """Open a session; those whose time is over go.

        Args:
            operator_id: Whose.
            digest: The SHA-256 of its token.
            actor: The operator.
            ends_ms: When it ends at the latest, Unix milliseconds.

        Raises:
            StoreDown: The database fails.
        """
        times = {"opened_ms": actor.at_ms, "seen_ms": actor.at_ms, "ends_ms": ends_ms}
        row = {"digest": digest, "operator_id": operator_id, "address": actor.address}
        async with self._database.transaction() as connection:
            await connection.execute(delete(ConsoleSession).where(ConsoleSession.ends_ms <= actor.at_ms))
            await connection.execute(insert(ConsoleSession).values(**row, **times))
            await note(connection, actor, "console_login", actor.name)

    async def find(self, digest: str) -> OpenSession | None:
        """The session of a token, or None.

        Raises:
            StoreDown: The database fails.
        """
        statement = select(Operator.name, ConsoleSession.seen_ms, ConsoleSession.ends_ms).join(Operator)
        async with self._database.transaction() as connection:
            row = (await connection.execute(statement.where(ConsoleSession.digest == digest))).one_or_none()
        return None if row is None else OpenSession(*row)

    async def seen(self, digest: str, *, at_ms: int) -> None:
        """Note that a session is in use.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            mine = update(ConsoleSession).where(ConsoleSession.digest == digest)
            await connection.execute(mine.values(seen_ms=at_ms))

    async def end(self, digest: str) -> None:
        """End a session; one that is not there has ended before.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            await connection.execute(delete(ConsoleSession).where(ConsoleSession.digest == digest))
