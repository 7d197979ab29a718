"""Accounts as records: each method is one transaction, and one row of the audit where something is changed."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from turnserver.domain.accounts import Account, Made, NewAccount, NewSession, name_key
from turnserver.domain.audit import Actor
from turnserver.domain.sessions import DELETED
from turnserver.records import tables
from turnserver.records.audit import note
from turnserver.records.bans import counts
from turnserver.records.database import Database
from turnserver.records.sessions import ENDING, end_where, open_row
from turnserver.records.tables import AccountSession, Ban, ResetToken

_COLUMNS = (
    tables.Account.id,
    tables.Account.user,
    tables.Account.name,
    tables.Account.password,
    tables.Account.since,
    tables.Account.email,
)


class Candidate(NamedTuple):
    """What is known of who wants to log in, before the password is looked at."""

    account: Account | None
    is_known_device: bool
    is_banned: bool


class AccountRow(NamedTuple):
    """An account as operators see it; times are Unix milliseconds."""

    name: str
    created_ms: int
    seen_ms: int
    """The latest login."""


class AccountRecords:
    """Accounts and rights to reset their passwords."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def named(self, name: str) -> Account | None:
        """The account of that name.

        Raises:
            StoreDown: The database fails.
        """
        return await self._one(tables.Account.name_key == name_key(name))

    async def of_user(self, user: str) -> Account | None:
        """The account that is this user in live state; None for a guest.

        Raises:
            StoreDown: The database fails.
        """
        return await self._one(tables.Account.user == user)

    async def listed(self, *, like: str, most: int) -> list[AccountRow]:
        """Accounts, the newest first.

        Args:
            like: What stands in their names, as names are compared; empty for all.
            most: How many are wanted.

        Raises:
            StoreDown: The database fails.
        """
        statement = select(tables.Account.name, tables.Account.created_ms, tables.Account.seen_ms)
        like_it = tables.Account.name_key.contains(name_key(like), autoescape=True)
        async with self._database.transaction() as connection:
            rows = await connection.execute(statement.where(like_it).order_by(tables.Account.id.desc()).limit(most))
            return [AccountRow(*row) for row in rows]

    async def _one(self, condition: ColumnElement[bool]) -> Account | None:
        async with self._database.transaction() as connection:
            row = (await connection.execute(select(*_COLUMNS).where(condition))).one_or_none()
        return None if row is None else Account(*row)

    async def candidate(self, name: str, *, device: str | None, address: str, at_ms: int) -> Candidate:
        """Who wants to log in, by the name that is given. The same statements run for a name that is not there.

        Args:
            name: The name as it was given.
            device: The SHA-256 of a token that the client has shown, or None.
            address: Where it comes from.
            at_ms: Unix milliseconds; bans end.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            row = (
                await connection.execute(select(*_COLUMNS).where(tables.Account.name_key == name_key(name)))
            ).one_or_none()
            account = None if row is None else Account(*row)
            known = (AccountSession.digest == (device or "")) & (
                AccountSession.account_id == (-1 if account is None else account.id)
            )
            is_known = (await connection.execute(select(exists().where(known)))).scalar_one()
            user = "" if account is None else account.user
            is_banned = await _is_banned(connection, name, user, address, at_ms)
        return Candidate(account, is_known, is_banned)

    async def create(self, new: NewAccount, session: NewSession, actor: Actor) -> Made:
        """Make an account with a first session; a guest who becomes it loses its session as a guest.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            values = {"user": new.user, "name": new.name, "password": new.password, "since": new.since}
            times = {"created_ms": actor.at_ms, "seen_ms": actor.at_ms}
            statement = insert(tables.Account).values(name_key=name_key(new.name), **values, **times)
            taken = await self._taken(connection, new)
            if taken is not Made.DONE:
                return taken
            try:
                account_id = (await connection.execute(statement.returning(tables.Account.id))).scalar_one()
            except IntegrityError:  # somebody else was faster, on another node
                return Made.NAME_TAKEN
            await open_row(connection, account_id, session, at_ms=actor.at_ms, most=1)
            if new.guest is not None:
                row = {
                    "id": f"g{session.id}",
                    "digest": new.guest,
                    "address": session.address,
                    "opened_ms": actor.at_ms,
                }
                over = {"state": ENDING, "ended_ms": actor.at_ms, "why": "account"}
                await connection.execute(insert(AccountSession).values(account_id=account_id, **row, **over))
            await note(connection, actor, "account_created", new.name, was_guest=new.guest is not None)
        return Made.DONE

    async def _taken(self, connection: AsyncConnection, new: NewAccount) -> Made:
        if (await connection.execute(select(exists().where(tables.Account.user == new.user)))).scalar_one():
            return Made.USER_TAKEN
        condition = tables.Account.name_key == name_key(new.name)
        is_taken = (await connection.execute(select(exists().where(condition)))).scalar_one()
        return Made.NAME_TAKEN if is_taken else Made.DONE

    async def log_in(
        self, account: Account, session: NewSession, *, rehashed: str | None, at_ms: int, most: int
    ) -> list[str] | None:
        """Write down a session that is about to be opened, if the password still is what it was.

        Args:
            account: The account, with the password hash that was right.
            session: The new session.
            rehashed: The same password, hashed with newer parameters; None where it need not be.
            at_ms: Unix milliseconds.
            most: How many open sessions the account may have.

        Returns:
            The SHA-256 of the tokens of sessions that make room; None where the password has changed meanwhile, or
            somebody was banned.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            values = {"seen_ms": at_ms} | ({} if rehashed is None else {"password": rehashed})
            if await _is_banned(connection, account.name, account.user, session.address, at_ms):
                return None
            if not await self._still(connection, account, **values):
                return None
            return await open_row(connection, account.id, session, at_ms=at_ms, most=most)

    async def change_password(
        self, account: Account, password: str, actor: Actor, *, keeps: str | None
    ) -> list[str] | None:
        """Set a new password, if the old one still is what it was; sessions end, and so do rights to reset.

        Args:
            account: The account, with the password hash that was right.
            password: The new one, as argon2id.
            actor: Who does it.
            keeps: The SHA-256 of the token of the one session that stays.

        Returns:
            The SHA-256 of the tokens of sessions to end; None where the password has changed meanwhile.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            if not await self._still(connection, account, password=password):
                return None
            await note(connection, actor, "password_changed", account.name)
            return await self._revoke(connection, account.id, "password", actor.at_ms, keeps)

    async def change_email(self, account: Account, email: str | None, actor: Actor) -> bool:
        """Set where reset tokens are mailed to, if the password still is what it was; those on their way are void.

        Args:
            account: The account, with the password hash that was right.
            email: The address, None for none.
            actor: Who does it.

        Returns:
            False where the password has changed meanwhile.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            if not await self._still(connection, account, email=email):
                return False
            await connection.execute(delete(ResetToken).where(ResetToken.account_id == account.id))
            await note(connection, actor, "email_changed", account.name)
            return True

    async def delete(self, account: Account, actor: Actor) -> list[str] | None:
        """Delete an account, if its password still is what it was.

        Returns:
            The SHA-256 of the tokens of sessions to end; None where the password has changed meanwhile.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            if not await self._still(connection, account, password=account.password):
                return None
            digests = await self._revoke(connection, account.id, DELETED, actor.at_ms, None)
            await connection.execute(delete(tables.Account).where(tables.Account.id == account.id))
            await note(connection, actor, "account_deleted", account.name)
            return digests

    async def add_reset(self, account: Account, digest: str, actor: Actor, *, ends_ms: int) -> None:
        """Write down the right to reset a password; rights that are over go.

        Args:
            account: Whose password.
            digest: The SHA-256 of the reset token.
            actor: Who gives the right.
            ends_ms: When it is over, Unix milliseconds.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            await connection.execute(delete(ResetToken).where(ResetToken.ends_ms <= actor.at_ms))
            row = {"digest": digest, "account_id": account.id, "made_ms": actor.at_ms, "ends_ms": ends_ms}
            await connection.execute(insert(ResetToken).values(**row))
            await note(connection, actor, "reset_token_made", account.name)

    async def of_reset(self, digest: str, *, at_ms: int) -> Account | None:
        """The account whose password a reset token may set now.

        Raises:
            StoreDown: The database fails.
        """
        statement = select(*_COLUMNS).join(ResetToken, ResetToken.account_id == tables.Account.id)
        async with self._database.transaction() as connection:
            rows = await connection.execute(statement.where(_right(digest, at_ms)))
            row = rows.one_or_none()
        return None if row is None else Account(*row)

    async def use_reset(self, account: Account, digest: str, password: str, actor: Actor) -> list[str] | None:
        """Use a reset token up and set a new password; all sessions end.

        Returns:
            The SHA-256 of the tokens of sessions to end; None where the reset token is used or over by now.

        Raises:
            StoreDown: The database fails.
        """
        async with self._database.transaction() as connection:
            used = await connection.execute(delete(ResetToken).where(_right(digest, actor.at_ms)))
            if used.rowcount != 1:
                return None
            condition = tables.Account.id == account.id
            await connection.execute(update(tables.Account).where(condition).values(password=password))
            await note(connection, actor, "password_reset", account.name)
            return await self._revoke(connection, account.id, "password", actor.at_ms, None)

    async def _still(self, connection: AsyncConnection, account: Account, **values: object) -> bool:
        """Change the account's row if its password is what it was; True if it was."""
        conditions = (tables.Account.id == account.id, tables.Account.password == account.password)
        return (await connection.execute(update(tables.Account).where(*conditions).values(**values))).rowcount == 1

    async def _revoke(
        self, connection: AsyncConnection, account_id: int, why: str, at_ms: int, keeps: str | None
    ) -> list[str]:
        await connection.execute(delete(ResetToken).where(ResetToken.account_id == account_id))
        conditions = [AccountSession.account_id == account_id, AccountSession.state == "open"]
        if keeps is not None:
            conditions.append(AccountSession.digest != keeps)
        return await end_where(connection, why, at_ms, *conditions)


def _right(digest: str, at_ms: int) -> ColumnElement[bool]:
    return (ResetToken.digest == digest) & (ResetToken.ends_ms > at_ms)


async def _is_banned(connection: AsyncConnection, name: str, user: str, address: str, at_ms: int) -> bool:
    subjects = {"name": name_key(name), "user": user, "address": address}
    any_of = or_(*((Ban.kind == kind) & (Ban.subject == subject) for kind, subject in subjects.items()))
    return (await connection.execute(select(exists().where(any_of & counts(at_ms))))).scalar_one()
