"""Events of the server's own: carried from where a change owes them to the inboxes and topics of those concerned.

Telling is idempotent: an inbox and a topic remember the latest number of each source. So whoever finds something owed
tells it, however many do so at once, and what a killed server has told but not crossed out is told to nobody twice.

Source: docs/messages.md, "Events".
"""

from collections.abc import Sequence

from turnserver.domain import inbox, topics
from turnserver.domain.owed import Event, is_owing, owed, told
from turnserver.partition import View
from turnserver.service.context import Context
from turnserver.service.queues import Queues

KINDS = ("room", "match")
"""The kinds of partitions that may owe events."""


class Events:
    """Tells what is owed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._queues = Queues(context)

    async def settle(self, partition: str, view: View | None = None) -> None:
        """Tell all that a match or room owes, and cross it out.

        Args:
            partition: One of its names.
            view: It as it was just read; None reads it.

        Raises:
            StoreDown: The store's failure; what is not crossed out is still owed.
        """
        view = await self._store.read(partition) if view is None else view
        if not is_owing(view):
            return
        for event, one in owed(view):
            await self.tell(one.users, event)
            if one.topic:
                await self._publish(one.topic, event)
        await self._store.commit(partition, told(view))

    async def tell(self, users: Sequence[str], event: Event) -> None:
        """Put an event into the inboxes of those users who have one, once.

        Raises:
            StoreDown: The store's failure.
        """
        for user in users:
            await self._queues.put(user, lambda view: inbox.note(view, event, limits=self._limits))

    async def _publish(self, topic: str, event: Event) -> None:
        if (await self._store.read(topic)).exists:  # nobody follows a topic that is not there
            await self._context.change(
                topic, lambda view: topics.tell(view, event, limits=self._limits) if view.exists else None
            )

    async def settle_all(self) -> None:
        """Tell what a server that was killed still owes; for the start of a server.

        Raises:
            StoreDown: The store's failure.
        """
        for kind in KINDS:
            for name in await self._store.scan(kind):
                await self.settle(name)
