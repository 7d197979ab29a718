"""Accounts: made, logged in to and out of, deleted, and their passwords changed.

What waits for the records or for a hash runs beside the event loop's round. Each use case asks the guard before it
looks at a password, and takes the same steps for a name that is not there.

Source: docs/accounts.md
"""

import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from turnserver.domain import accounts
from turnserver.domain.accounts import Account, Made, NewAccount, name_key
from turnserver.domain.guessing import CREATING, DEVICE, Lane, lanes_of
from turnserver.domain.inbox import LOG, LOG_PARTITION
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.sessions import ended, session_partition
from turnserver.events import Event, tell
from turnserver.messages.accounts import AccountCreate, AccountDelete, AccountEmail, Login, Logout, PasswordChange
from turnserver.messages.reply import Refused, Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.service.context import Context
from turnserver.service.guard import Guard
from turnserver.service.holding import Answered
from turnserver.service.passwords import Verdict
from turnserver.service.peer import peer_address
from turnserver.service.rights import Opening, Rights
from turnserver.service.secrets import digest
from turnserver.service.sessions import Sessions
from turnserver.wire.accounts import session_body

_logger = logging.getLogger("turnserver.accounts")

Case = Callable[[Any], Coroutine[Any, Any, Reply]]


class Accounts:
    """The use cases of accounts."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._records = context.records
        self._passwords = context.passwords
        self._sessions = sessions
        self._guard = Guard(context)
        self._rights = Rights(context)

    async def create(self, request: AccountCreate, _title: str, _held: Held) -> Answered:
        """Make an account; a guest becomes it and keeps what it has."""
        return await self._beside(self._create, request)

    async def log_in(self, request: Login, _title: str, _held: Held) -> Answered:
        """Open a session for who knows the password."""
        return await self._beside(self._log_in, request)

    async def log_out(self, request: Logout, _title: str, _held: Held) -> Answered:
        """End a session, a guest's too."""
        return await self._beside(self._log_out, request)

    async def change_password(self, request: PasswordChange, _title: str, _held: Held) -> Answered:
        """Set a new password for who knows the old one; the other sessions end."""
        return await self._beside(self._change_password, request)

    async def change_email(self, request: AccountEmail, _title: str, _held: Held) -> Answered:
        """Set where reset tokens are mailed to, for who knows the password."""
        return await self._beside(self._change_email, request)

    async def delete(self, request: AccountDelete, _title: str, _held: Held) -> Answered:
        """Delete the account of who knows the password."""
        return await self._beside(self._delete, request)

    async def _beside(self, case: Case, request: Any) -> Answered:
        return Answered(Outcome(await self._context.on_records(lambda: case(request))))

    async def _create(self, request: AccountCreate) -> Reply:
        accounts.check_new_name(request.name)
        accounts.check_new_password(request.password, name=request.name, limits=self._limits)
        guest = None if request.token is None else await self._sessions.resolve(request.token)
        address = peer_address()
        found = await self._records.accounts.candidate(
            request.name, device=None, address=address, at_ms=self._context.unix_ms()
        )
        if found.account is not None:
            raise Refused(answers.NAME_TAKEN)
        if found.is_banned:
            raise Refused(answers.NOT_ALLOWED)
        await self._guard.charge([Lane(CREATING, address)])
        hashed = await self._passwords.hash(request.password)
        user = f"account:{self._context.new_key()}" if guest is None else guest.user
        since = await self._broadcasts() if guest is None else guest.since
        was = None if request.token is None else digest(request.token)
        return await self._made(NewAccount(user, request.name, hashed, since, was))

    async def _broadcasts(self) -> int:
        """The offset of the next broadcast: the first that a new account gets."""
        return (await self._store.read(LOG_PARTITION)).stream(LOG).next

    async def _made(self, new: NewAccount) -> Reply:
        opening = await self._rights.opening(user=new.user, name=new.name, since=new.since)
        made = await self._records.accounts.create(new, opening.row, self._context.actor(f"account {new.name}"))
        if made is not Made.DONE:
            raise Refused(answers.NAME_TAKEN if made is Made.NAME_TAKEN else answers.WRONG_STATE)
        if new.guest is not None:
            await self._rights.take([new.guest])
        return await self._opened(answers.ACCOUNT_CREATED, opening)

    async def _log_in(self, request: Login) -> Reply:
        device = None if request.token is None else digest(request.token)
        address, at_ms = peer_address(), self._context.unix_ms()
        found = await self._records.accounts.candidate(request.name, device=device, address=address, at_ms=at_ms)
        lanes = lanes_of(name_key(request.name), address, device if found.is_known_device else None)
        await self._guard.charge(lanes)
        account = found.account
        verdict = await self._verified(lanes, account, request.password)
        if account is None or not verdict.is_right:
            _tell_refused(account, address, "no such name" if account is None else "wrong password")
            raise Refused(answers.NO_RIGHT)
        await self._guard.refund(lanes)
        if found.is_banned:
            _tell_refused(account, address, "banned")
            raise Refused(answers.NOT_ALLOWED)
        opening = await self._rights.opening(user=account.user, name=account.name, since=account.since)
        older = await self._records.accounts.log_in(
            account,
            opening.row,
            rehashed=await self._passwords.hash(request.password) if verdict.is_outdated else None,
            at_ms=at_ms,
            most=self._limits.account_sessions_max,
        )
        if older is None:
            raise Refused(answers.NO_RIGHT)
        await self._rights.take(older)
        tell(_logger, Event.LOGIN, account=account.name, address=address)
        return await self._opened(answers.LOGGED_IN, opening)

    async def _opened(self, answer: Answer, opening: Opening) -> Reply:
        await self._rights.give(opening)
        return Reply(answer, session_body(opening.token, round(self._limits.session_s)))

    async def _log_out(self, request: Logout) -> Reply:
        await self._sessions.resolve(request.token)
        secret = digest(request.token)
        await self._store.commit(session_partition(secret), ended())
        await self._store.settle()
        await self._records.sessions.end_one(secret, "logout", at_ms=self._context.unix_ms())
        return Reply(answers.LOGGED_OUT)

    async def _change_password(self, request: PasswordChange) -> Reply:
        account = await self.of_token(request.token)
        accounts.check_new_password(request.new, name=account.name, limits=self._limits)
        await self._check(account, request.token, request.old)
        hashed = await self._passwords.hash(request.new)
        actor = self._context.actor(f"account {account.name}")
        others = await self._records.accounts.change_password(account, hashed, actor, keeps=digest(request.token))
        if others is None:
            raise Refused(answers.NOT_ALLOWED)
        await self._rights.take(others)
        return Reply(answers.PASSWORD_CHANGED)

    async def _change_email(self, request: AccountEmail) -> Reply:
        account = await self.of_token(request.token)
        await self._check(account, request.token, request.password)
        actor = self._context.actor(f"account {account.name}")
        if not await self._records.accounts.change_email(account, request.email, actor):
            raise Refused(answers.NOT_ALLOWED)
        return Reply(answers.EMAIL_CHANGED)

    async def _delete(self, request: AccountDelete) -> Reply:
        account = await self.of_token(request.token)
        await self._check(account, request.token, request.password)
        digests = await self._records.accounts.delete(account, self._context.actor(f"account {account.name}"))
        if digests is None:
            raise Refused(answers.NOT_ALLOWED)
        await self._rights.take(digests)
        return Reply(answers.ACCOUNT_DELETED)

    async def of_token(self, token: str) -> Account:
        """The account whose session a token is for.

        Raises:
            Refused: NO_RIGHT; NOT_ALLOWED for a guest's.
            StoreDown: A store's failure.
        """
        session = await self._sessions.resolve(token)
        account = await self._records.accounts.of_user(session.user)
        if account is None:
            raise Refused(answers.NOT_ALLOWED)
        return account

    async def _check(self, account: Account, token: str, password: str) -> None:
        """Let who has a session act on its account only with the password.

        Raises:
            Refused: NOT_ALLOWED for a wrong one; TOO_MANY_REQUESTS.
        """
        lanes = [Lane(DEVICE, digest(token))]
        await self._guard.charge(lanes)
        if not (await self._verified(lanes, account, password)).is_right:
            raise Refused(answers.NOT_ALLOWED)
        await self._guard.refund(lanes)

    async def _verified(self, lanes: Sequence[Lane], account: Account | None, password: str) -> Verdict:
        """What comes of comparing; an attempt that finds no place to be compared does not count."""
        try:
            return await self._passwords.verify(None if account is None else account.password, password)
        except Refused:
            await self._guard.refund(lanes, whole=False)
            raise


def _tell_refused(account: Account | None, address: str, why: str) -> None:
    """Tell the operator. A name that nobody has may be a password in the wrong field: it is not told."""
    named: dict[str, Any] = {} if account is None else {"account": account.name}
    tell(_logger, Event.LOGIN_REFUSED, **named, address=address, why=why)
