"""Bans as records: who may not log in or register.

Source: docs/console.md, "Bans".
"""

from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select

from turnserver.domain.audit import Actor
from turnserver.records.audit import note
from turnserver.records.database import Database
from turnserver.records.tables import Ban


class BanRow(NamedTuple):
    """A ban: of a `name` as names are compared, of a `user`, or of an `address`; `ends_ms` is None for good."""

    kind: str
    subject: str
    why: str
    operator: str
    made_ms: int
    ends_ms: int | None


class BanRecords:
    """Bans."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, kind: str, subject: str, actor: Actor, *, why: str, ends_ms: int | None) -> None:
        """Ban somebody, in place of what was before.

        Args:
            kind: `name`, `user` or `address`.
            subject: At most 256 characters.
            actor: The operator.
            why: For other operators to read.
            ends_ms: Unix milliseconds; None for good.

        Raises:
            StoreDown: The database fails.
        """
        row = {"kind": kind, "subject": subject, "why": why, "operator": actor.name, "made_ms": actor.at_ms}
        async with self._database.transaction() as connection:
            await connection.execute(delete(Ban).where(_is(kind, subject)))
            await connection.execute(insert(Ban).values(**row, ends_ms=ends_ms))
            await note(connection, actor, "banned", subject, kind=kind, why=why, ends_ms=ends_ms)

    async def lift(self, kind: str, subject: str, actor: Actor) -> bool:
        """Lift a ban; False if there is none.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            gone = await connection.execute(delete(Ban).where(_is(kind, subject)))
            if gone.rowcount == 1:
                await note(connection, actor, "ban_lifted", subject, kind=kind)
        return gone.rowcount == 1

    async def has_address(self, address: str, *, at_ms: int) -> bool:
        """True for an address that is banned at a time, Unix milliseconds.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            statement = select(exists().where(_is("address", address) & counts(at_ms)))
            return (await connection.execute(statement)).scalar_one()

    async def latest(self, *, at_ms: int, most: int) -> list[BanRow]:
        """The bans that count now, the newest first.

        Raises:
            StoreDown: The database fails.
        """
        columns = (Ban.kind, Ban.subject, Ban.why, Ban.operator, Ban.made_ms, Ban.ends_ms)
        statement = select(*columns).where(counts(at_ms)).order_by(Ban.made_ms.desc(), Ban.id.desc()).limit(most)
        async with self._database.transaction() as connection:
            return [BanRow(*row) for row in await connection.execute(statement)]


def counts(at_ms: int) -> ColumnElement[bool]:
    """True for bans that have not ended by a time, Unix milliseconds."""
    return or_(Ban.ends_ms.is_(None), Ban.ends_ms > at_ms)


def _is(kind: str, subject: str) -> ColumnElement[bool]:
    return (Ban.kind == kind) & (Ban.subject == subject)
