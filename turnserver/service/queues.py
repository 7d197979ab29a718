"""Inboxes and queues over a store: opened when they are needed, and brought up to date before anybody looks."""

from collections.abc import Callable

from turnserver.domain import inbox
from turnserver.domain.inbox import LOG, LOG_PARTITION, QUEUE, inbox_partition
from turnserver.domain.sessions import Session
from turnserver.domain.topics import queue_partition
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.service.context import Context
from turnserver.store.seam import StoreDown
from turnserver.wire.cursor import LIST_EPOCH_LETTERS

Putting = Callable[[View], Batch | None]
"""What puts a message into an inbox that is up to date; None for one that is there already."""


class Queues:
    """The inboxes of all users and the queues of all programs."""

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
        return await self._opened(inbox_partition(session.user), cursor, since=session.since)

    async def opened_queue(self, name: str, cursor: Cursor | None) -> View:
        """A program's queue as it should be now; it comes into being with its first use.

        Raises:
            Refused: FULL; BAD_CURSOR, as for `opened`.
            StoreDown: The store's failure.
        """
        if not await self.has_queue(name) and await self._store.count("queue") >= self._limits.queues_max:
            raise Refused(answers.FULL)
        view, _nothing = await self._opened(queue_partition(name), cursor, since=0)
        return view

    async def has_queue(self, name: str) -> bool:
        """True if somebody listens to a queue of that name, or has not long ago."""
        return (await self._store.read(queue_partition(name))).exists

    async def put(self, user: str, putting: Putting) -> None:
        """Put a message into the inbox of a user; one that ends meanwhile is nobody's.

        Raises:
            Refused: As `putting` refuses.
            StoreDown: The store's failure.
        """
        await self._put(inbox_partition(user), putting)

    async def put_into_queue(self, name: str, putting: Putting) -> None:
        """Put a message into the queue of a program; see `put`."""
        await self._put(queue_partition(name), putting)

    async def log(self) -> View:
        """The broadcasts, whose partition comes into being with the first who asks."""
        log = await self._store.read(LOG_PARTITION)
        if log.exists:
            return log
        await self._store.commit(LOG_PARTITION, inbox.opening_log())
        return await self._store.read(LOG_PARTITION)

    async def _put(self, partition: str, putting: Putting) -> None:
        for _ in range(self._limits.conflicts_max):
            view, _log = await self._up_to_date(partition, None)
            if not view.exists:
                return
            batch = putting(view)
            if batch is None or await self._store.commit(partition, batch):
                return
        raise StoreDown("the inbox is overtaken by other commits all the time")

    async def _opened(self, partition: str, cursor: Cursor | None, *, since: int) -> tuple[View, View]:
        for _ in range(self._limits.conflicts_max):
            view, log = await self._up_to_date(partition, cursor)
            if view.exists:
                return view, log
            epoch = self._context.new_key()[:LIST_EPOCH_LETTERS]
            await self._store.commit(partition, inbox.opening(epoch, since=since, limits=self._limits))
        raise StoreDown("the inbox ends all the time")

    async def _up_to_date(self, partition: str, cursor: Cursor | None) -> tuple[View, View]:
        """The inbox, and the broadcasts of which it has everything; a program's queue gets none."""
        for _ in range(self._limits.conflicts_max):
            view = await self._store.read(partition)
            if not view.exists:
                return view, view
            log = await self.log() if partition.startswith("inbox:") else view
            batch = inbox.refresh(view, log.stream(LOG), done=_done(view, cursor), limits=self._limits)
            if batch is None:
                return view, log
            await self._store.commit(partition, batch)
        raise StoreDown("the inbox is overtaken by other commits all the time")


def _done(view: View, cursor: Cursor | None) -> int:
    """The offset up to which the reader has shown that it has everything."""
    if cursor is None or cursor.epoch != view.value("inbox").epoch:
        return 0
    if cursor.offset > view.stream(QUEUE).next:
        raise Refused(answers.BAD_CURSOR)
    return cursor.offset
