"""Sessions: the one place where a token becomes a user."""

from collections.abc import Mapping

from turnserver.domain import sessions
from turnserver.domain.accounts import Account
from turnserver.domain.inbox import LOG, LOG_PARTITION
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.sessions import Session, session_partition
from turnserver.messages.reply import Refused, Reply
from turnserver.messages.sessions import Guest, Opened
from turnserver.protocol import answers
from turnserver.service.context import TOKEN_LETTERS, Context
from turnserver.service.holding import Answered
from turnserver.service.peer import peer_address
from turnserver.service.secrets import digest
from turnserver.store.seam import StoreDown
from turnserver.wire.percent import encode
from turnserver.wire.room_replies import opened_body

Watched = Mapping[str, Mapping[str, int]]
"""Counters by partition, as a wait takes them."""


class Sessions:
    """The use cases of sessions."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._records = context.records

    async def guest(self, _request: Guest, _title: str, _held: Held) -> Answered:
        """Open a session for a new guest."""
        return Answered(Outcome(Reply(answers.GUEST, opened_body(await self.open_guest()))))

    async def open_guest(self) -> Opened:
        """A session for a new guest.

        Raises:
            Refused: NOT_ALLOWED for an address that is banned; FULL.
            StoreDown: A store's failure.
        """
        await self._check_address(peer_address())
        token, user = self._context.new_token(), self._context.new_key()
        count = await self._store.count("session")
        since = (await self._store.read(LOG_PARTITION)).stream(LOG).next
        session, batch = sessions.open_guest(user=user, sessions=count, limits=self._limits, since=since)
        if not await self._store.commit(session_partition(digest(token)), batch):
            raise StoreDown("a fresh token was taken")
        return Opened(token, round(self._limits.session_s), session.name)

    async def _check_address(self, address: str) -> None:
        """Let no guest in from a banned address. While the records cannot be asked, guests play all the same."""
        if not self._records.is_there:
            return
        at_ms = self._context.unix_ms()
        try:
            is_banned = await self._context.on_records(lambda: self._records.bans.has_address(address, at_ms=at_ms))
        except StoreDown:
            return
        if is_banned:
            raise Refused(answers.NOT_ALLOWED)

    async def forget(self, token: str) -> None:
        """End a guest's session that was opened for a request which was then refused.

        Raises:
            StoreDown: The store's failure.
        """
        await self._store.commit(session_partition(digest(token)), sessions.ended())

    async def resolve(self, token: str) -> Session:
        """The session that a token stands for; it lives its whole span again.

        Raises:
            Refused: NO_RIGHT.
            StoreDown: The store's failure.
        """
        session, _watched = await self.watched(token)
        return session

    async def watched(self, token: str) -> tuple[Session, Watched]:
        """As `resolve`, and what a held request watches to learn at once that the session has ended."""
        if len(token) != TOKEN_LETTERS:
            raise Refused(answers.NO_RIGHT)
        partition = session_partition(digest(token))
        view = await self._store.read(partition)
        session = sessions.opened(view)
        await self._store.commit(partition, sessions.used(self._limits))
        return session, {partition: {"session": view.counter("session")}}

    async def named(self, name: str, *, may_have_ended: bool = False) -> Session:
        """A session of the user of that name: a guest's own, or what any session of an account would say.

        Args:
            name: As others see it.
            may_have_ended: True also finds a guest who was kicked a while ago: a repeat of the kick asks for it.

        Raises:
            Refused: NOT_THERE.
            StoreDown: The store's failure.
        """
        user = sessions.guest_named(name)
        view = None if user is None else await self._store.read(user)
        session: Session | None = None if view is None else view.value("session")
        if session is not None and (may_have_ended or sessions.is_open(session)):
            return session
        of_name = self._records.accounts.named
        account = await self._context.on_records(lambda: of_name(name) if user is None else self._account_of(user))
        if account is None:
            raise Refused(answers.NOT_THERE)
        return Session(account.user, account.name, account.since)

    async def kick(self, user: str, *, keep: str, why: str) -> None:
        """End all sessions of a user but one; requests that are held with one of them are answered now.

        Args:
            user: Whose.
            keep: The token of the session that stays; any other text keeps none.
            why: What the others answer with from now on; only its first `kick_why_letters_max` letters.

        Raises:
            StoreDown: The store's failure.
        """
        kept, told = digest(keep), encode(why[: self._limits.kick_why_letters_max])
        if not await self._context.on_records(lambda: self._kick_account(user, kept, told)):
            await self._kick_guest(user, kept, told)

    async def _kick_account(self, user: str, kept: str, told: str) -> bool:
        """False for a guest."""
        account = await self._account_of(user)
        if account is None:
            return False
        at_ms = self._context.unix_ms()
        digests = await self._records.sessions.end(account.id, sessions.KICKED, at_ms=at_ms, but=kept)
        for one in digests:
            await self._end(session_partition(one), told)
        await self._store.settle()
        await self._records.sessions.done(digests)
        return True

    async def _kick_guest(self, user: str, kept: str, told: str) -> None:
        """A guest has one session, which is found by the user's name."""
        session: Session | None = (await self._store.read(session_partition(kept))).value("session")
        if session is None or session.user != user:
            await self._end(user, told)

    async def _end(self, partition: str, told: str) -> None:
        await self._context.change(partition, lambda view: sessions.kicked(view, told, self._limits))

    async def _account_of(self, user: str) -> Account | None:
        return await self._records.accounts.of_user(user)
