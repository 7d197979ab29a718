"""Accounts' sessions as records: how those of one account are found, shown and ended.

The right that a token gives is live state, which any node reads without a database. Its row here says that it is
there. A session is ended here first, as `ending`, then its right is taken, then it is `ended`. Whoever opens one writes
the row first, then gives the right, then looks whether the row is still `open`: so of an opening and an ending at the
same time, the ending wins.

Source: docs/decisions/0017-sessions.md
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from turnserver.domain.accounts import NewSession
from turnserver.records.database import Database
from turnserver.records.tables import AccountSession

OPEN, ENDING, ENDED = "open", "ending", "ended"
"""The states of a session."""


class SessionRow(NamedTuple):
    """An open session as its owner sees it."""

    id: str
    digest: str
    opened_ms: int
    address: str


class SessionRecords:
    """Sessions of accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_account(self, account_id: int) -> list[SessionRow]:
        """The open sessions of an account, oldest first.

        Raises:
            StoreDown: The database fails.
        """
        columns = (AccountSession.id, AccountSession.digest, AccountSession.opened_ms, AccountSession.address)
        statement = select(*columns).where(_open_of(account_id)).order_by(AccountSession.opened_ms, AccountSession.id)
        async with self._database.transaction() as connection:
            return [SessionRow(*row) for row in await connection.execute(statement)]

    async def is_open(self, digest: str) -> bool:
        """True if nobody has ended the session.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            statement = select(AccountSession.state).where(AccountSession.digest == digest)
            return (await connection.execute(statement)).scalar() == OPEN

    async def end(
        self, account_id: int, why: str, *, at_ms: int, only: str | None = None, but: str | None = None
    ) -> list[str]:
        """Begin to end the open sessions of an account.

        Args:
            account_id: Whose.
            why: Written beside them.
            at_ms: Unix milliseconds.
            only: The id of the only one to end; None for all.
            but: The SHA-256 of the token of one that stays.

        Returns:
            The SHA-256 of the tokens whose right is to be taken now; say so with `done`.

        Raises:
            StoreDown: The database fails.
        """
        conditions = [_open_of(account_id)]
        if only is not None:
            conditions.append(AccountSession.id == only)
        if but is not None:
            conditions.append(AccountSession.digest != but)
        async with self._database.transaction() as connection:
            return await end_where(connection, why, at_ms, *conditions)

    async def end_one(self, digest: str, why: str, *, at_ms: int) -> None:
        """Note that a session has ended whose right is gone already; one that has no row is no account's.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            conditions = (AccountSession.digest == digest, AccountSession.state != ENDED)
            values = {"state": ENDED, "ended_ms": at_ms, "why": why}
            await connection.execute(update(AccountSession).where(*conditions).values(**values))

    async def ending(self, *, most: int, why: str | None = None) -> list[str]:
        """The SHA-256 of tokens whose sessions somebody began to end and has not finished.

        Args:
            most: How many are wanted.
            why: Only those that end for this reason; None for all.

        Raises:
            StoreDown: The database fails.
        """
        statement = select(AccountSession.digest).where(AccountSession.state == ENDING).limit(most)
        if why is not None:
            statement = statement.where(AccountSession.why == why)
        async with self._database.transaction() as connection:
            return list((await connection.execute(statement)).scalars())

    async def done(self, digests: Sequence[str]) -> None:
        """Note that the rights of sessions that were ending are taken.

        Raises:
            StoreDown: The database fails.
        """
        if not digests:
            return
        async with self._database.transaction() as connection:
            conditions = (AccountSession.digest.in_(digests), AccountSession.state == ENDING)
            await connection.execute(update(AccountSession).where(*conditions).values(state=ENDED))


async def open_row(
    connection: AsyncConnection, account_id: int, session: NewSession, *, at_ms: int, most: int
) -> list[str]:
    """Write down a session that is about to be opened.

    Returns:
        The SHA-256 of the tokens of the oldest sessions, which make room for it: their right is to be taken.
    """
    older = await connection.execute(
        select(AccountSession.digest)
        .where(_open_of(account_id))
        .order_by(AccountSession.opened_ms.desc(), AccountSession.id)
        .offset(most - 1)
    )
    digests = list(older.scalars())
    if digests:
        await end_where(connection, "too_many", at_ms, AccountSession.digest.in_(digests))
    values = {"id": session.id, "digest": session.digest, "address": session.address}
    await connection.execute(
        insert(AccountSession).values(account_id=account_id, opened_ms=at_ms, state=OPEN, **values)
    )
    return digests


async def end_where(connection: AsyncConnection, why: str, at_ms: int, *conditions: ColumnElement[bool]) -> list[str]:
    """Begin to end sessions; the SHA-256 of their tokens."""
    values = {"state": ENDING, "ended_ms": at_ms, "why": why}
    statement = update(AccountSession).where(*conditions).values(**values).returning(AccountSession.digest)
    return list((await connection.execute(statement)).scalars())


def _open_of(account_id: int) -> ColumnElement[bool]:
    return (AccountSession.account_id == account_id) & (AccountSession.state == OPEN)
