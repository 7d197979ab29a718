"""SESSION_LIST and SESSION_END: one's own sessions, seen and ended from any of them.

Source: docs/accounts.md, "Sessions"
"""

from turnserver.domain.accounts import Account
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.sessions import session_partition
from turnserver.messages.accounts import ListedSession, SessionEnd, SessionList
from turnserver.messages.reply import Refused, Reply
from turnserver.protocol import answers
from turnserver.service.accounts import Accounts
from turnserver.service.context import Context
from turnserver.service.holding import Answered
from turnserver.service.rights import Rights
from turnserver.service.secrets import digest
from turnserver.wire.accounts import sessions_body

OPENING_MS_MAX = 60_000
"""A row without a right may be a session that is about to be opened, but not for longer than this."""


class AccountSessions:
    """The use cases of one's own sessions."""

    def __init__(self, context: Context, accounts: Accounts) -> None:
        self._context = context
        self._store = context.store
        self._records = context.records
        self._accounts = accounts
        self._rights = Rights(context)

    async def list(self, request: SessionList, _title: str, _held: Held) -> Answered:
        """The open sessions of the account."""
        return Answered(Outcome(await self._context.on_records(lambda: self._list(request))))

    async def end(self, request: SessionEnd, _title: str, _held: Held) -> Answered:
        """End one of the account's sessions, or all but this one."""
        return Answered(Outcome(await self._context.on_records(lambda: self._end(request))))

    async def _list(self, request: SessionList) -> Reply:
        account = await self._accounts.of_token(request.token)
        mine = digest(request.token)
        listed: list[ListedSession] = []
        for row in await self._records.sessions.of_account(account.id):
            if (await self._store.read(session_partition(row.digest))).exists:
                listed.append(ListedSession(row.id, row.opened_ms, row.address, row.digest == mine))
            elif self._context.unix_ms() - row.opened_ms > OPENING_MS_MAX:
                await self._records.sessions.end_one(row.digest, "expired", at_ms=self._context.unix_ms())
        return Reply(answers.SESSIONS, sessions_body(listed))

    async def _end(self, request: SessionEnd) -> Reply:
        account = await self._accounts.of_token(request.token)
        if request.session is None:
            await self.revoke(account, "revoked", but=digest(request.token))
        elif not await self.revoke(account, "revoked", only=request.session):
            raise Refused(answers.NOT_THERE)
        return Reply(answers.SESSION_ENDED)

    async def revoke(self, account: Account, why: str, *, only: str | None = None, but: str | None = None) -> int:
        """End sessions of an account, for whoever has the right to.

        Args:
            account: Whose.
            why: Written beside them.
            only: The id of the only one to end; None for all.
            but: The SHA-256 of the token of one that stays.

        Returns:
            How many ended.

        Raises:
            StoreDown: A store's failure.
        """
        at_ms = self._context.unix_ms()
        digests = await self._records.sessions.end(account.id, why, at_ms=at_ms, only=only, but=but)
        await self._rights.take(digests)
        return len(digests)
