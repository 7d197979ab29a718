"""Inboxes over a store: opened when they are needed, and brought up to date before anybody looks."""

from collections.abc import Sequence

from turnserver.domain import inbox
from turnserver.domain.inbox import LOG, LOG_PARTITION, QUEUE, inbox_partition
from turnserver.domain.sessions import Session
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.service.context import Context
from turnserver.store.seam import StoreDown
from turnserver.wire.cursor import EPOCH_LETTERS


class Queues:
    """The queues of all users."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits

    async def opened(self, session: Session, cursor: Cursor | None) -> tuple[View, View]:
        """A user's inbox as it should be now, and the broadcasts; the inbox comes into being with its first use.

        Args:
            session: The user.
            cursor: What the reader has, as it shows by its cursor; None if it shows nothing.

        Raises:
            Refused: BAD_CURSOR for one that was never given.
            StoreDown: The store's failure.
        """
        partition = inbox_partition(session.user)
        view = await self._store.read(partition)
        if not view.exists:
            epoch = self._context.new_key()[:EPOCH_LETTERS]
            await self._store.commit(partition, inbox.opening(epoch, since=session.since, limits=self._limits))
            view = await self._store.read(partition)
        return await self._up_to_date(partition, view, cursor)

    async def tell(self, users: Sequence[str], action: str, data: str) -> None:
        """Put an event of the server's own into the inboxes of those users who have one.

        Raises:
            StoreDown: The store's failure.
        """
        for user in users:
            partition = inbox_partition(user)
            for _ in range(self._limits.conflicts_max):
                view = await self._store.read(partition)
                if not view.exists:
                    break
                view, _log = await self._up_to_date(partition, view, None)
                if await self._store.commit(partition, inbox.note(view, action, data, limits=self._limits)):
                    break

    async def log(self) -> View:
        """The broadcasts, whose partition comes into being with the first who asks."""
        log = await self._store.read(LOG_PARTITION)
        if log.exists:
            return log
        await self._store.commit(LOG_PARTITION, inbox.opening_log())
        return await self._store.read(LOG_PARTITION)

    async def _up_to_date(self, partition: str, view: View, cursor: Cursor | None) -> tuple[View, View]:
        for _ in range(self._limits.conflicts_max):
            log = await self.log()
            batch = inbox.refresh(view, log.stream(LOG), done=_done(view, cursor), limits=self._limits)
            if batch is None:
                return view, log
            await self._store.commit(partition, batch)
            view = await self._store.read(partition)
        raise StoreDown("the inbox is overtaken by other commits all the time")


def _done(view: View, cursor: Cursor | None) -> int:
    """The offset up to which the reader has shown that it has everything."""
    if cursor is None or cursor.epoch != view.value("inbox").epoch:
        return 0
    if cursor.offset > view.stream(QUEUE).next:
        raise Refused(answers.BAD_CURSOR)
    return cursor.offset
