"""Reading and changing a room: what follows in it by itself is carried out before anybody looks."""

import logging
from collections.abc import Awaitable, Mapping

from msgspec import structs

from turnserver.domain.owed import is_owing, owing
from turnserver.domain.rooms.barrier import follow, is_early
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import Room, is_ended
from turnserver.domain.rooms.notices import notices
from turnserver.events import Event, tell
from turnserver.partition import Document, View
from turnserver.service.context import Context
from turnserver.service.events import Events
from turnserver.store.seam import StoreDown
from turnserver.wire.items import item_text

QUIET_KEPT = 1024
"""How many rooms are remembered as they were: as many as commit within the time of a turn. Then all are forgotten."""

_logger = logging.getLogger("turnserver.service")


class RoomStore:
    """Rooms over a store."""

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._limits = context.limits
        self._events = Events(context)
        self._quiet: dict[int, Mapping[str, Document]] = {}
        """The documents of rooms in which nothing was to follow, by their identity: who comes next sees the same."""

    async def read(self, partition: str, *, after: int | None = None) -> View:
        """The room, once all that follows in it by itself was done.

        Args:
            partition: One of the names under which the room is found.
            after: As in `barrier.follow`.

        Raises:
            StoreDown: The store's failure.
        """
        view = await self._store.read(partition)
        if is_owing(view):
            await self._events.settle(partition, view)
        if after is None and id(view.documents) in self._quiet and is_early(view, limits=self._limits):
            return view
        for _ in range(self._limits.conflicts_max):
            change = follow(view, limits=self._limits, after=after)
            if change is None:
                self._note_quiet(view)
                return view
            await self.commit(partition, view, change)
            view = await self._store.read(partition)
        raise StoreDown("the room is overtaken by other commits all the time")

    def _note_quiet(self, view: View) -> None:
        if len(self._quiet) >= QUIET_KEPT:
            self._quiet.clear()
        if view.documents:
            self._quiet[id(view.documents)] = view.documents

    def commit(self, partition: str, view: View, change: Change) -> Awaitable[bool]:
        """Carry a change out, and tell those concerned of it; False if the room has moved on since it was read.

        Raises:
            StoreDown: The store's failure.
        """
        if change.items:
            return self._commit_told(partition, view, change)
        return self._store.commit(partition, change.batch(view, ()))  # nearly every time: nobody is to be told

    async def _commit_told(self, partition: str, view: View, change: Change) -> bool:
        owed = owing(notices(view, change))
        if owed:
            change = structs.replace(change, append={**change.append, **owed})
        batch = change.batch(view, [item_text(item) for item in change.items])
        if not await self._store.commit(partition, batch):
            return False
        room: Room | None = change.put.get("room")
        if room is not None and is_ended(room):
            tell(_logger, Event.ROOM_ENDED, room=view.value("rules").room, why=room.state)
        if owed:
            await self._events.settle(partition)
        return True
