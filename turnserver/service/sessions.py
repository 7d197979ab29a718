"""Sessions: the one place where a token becomes a user."""

from turnserver.domain import sessions
from turnserver.domain.inbox import LOG, LOG_PARTITION
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.sessions import Session, session_partition
from turnserver.messages.reply import Refused, Reply
from turnserver.messages.sessions import Guest, Opened
from turnserver.protocol import answers
from turnserver.service.context import TOKEN_LETTERS, Context
from turnserver.service.holding import Answered
from turnserver.service.secrets import digest
from turnserver.store.seam import StoreDown
from turnserver.wire.room_replies import opened_body


class Sessions:
    """The use cases of sessions."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits

    async def guest(self, _request: Guest, _title: str, _held: Held) -> Answered:
        """Open a session for a new guest."""
        return Answered(Outcome(Reply(answers.GUEST, opened_body(await self.open_guest()))))

    async def open_guest(self) -> Opened:
        """A session for a new guest.

        Raises:
            Refused: FULL.
            StoreDown: The store's failure.
        """
        token, user = self._context.new_token(), self._context.new_key()
        count = await self._store.count("session")
        since = (await self._store.read(LOG_PARTITION)).stream(LOG).next
        session, batch = sessions.open_guest(user=user, sessions=count, limits=self._limits, since=since)
        if not await self._store.commit(session_partition(digest(token)), batch):
            raise StoreDown("a fresh token was taken")
        return Opened(token, round(self._limits.session_s), session.name)

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
        if len(token) != TOKEN_LETTERS:
            raise Refused(answers.NO_RIGHT)
        partition = session_partition(digest(token))
        session = sessions.opened(await self._store.read(partition))
        await self._store.commit(partition, sessions.used(self._limits))
        return session
