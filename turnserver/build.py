"""The only place where parts are chosen and joined."""

import time
from pathlib import Path

from turnserver.domain.chat import ChatDocument
from turnserver.domain.documents import RelayDocument
from turnserver.domain.inbox import InboxDocument
from turnserver.domain.rooms.documents import RoomDocument
from turnserver.domain.sessions import Session
from turnserver.domain.topics import Topic
from turnserver.edge.app import App
from turnserver.edge.exchange import Exchange
from turnserver.edge.json_faces import JsonFaces
from turnserver.service.answering import Answering
from turnserver.service.context import Context
from turnserver.settings import Durability, Settings
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import Store
from turnserver.store.server_keys import ServerKeys

Document = RelayDocument | RoomDocument | ChatDocument | InboxDocument | Topic | Session
"""All documents that a store may hold, told apart by their tags."""


def store(settings: Settings) -> Store:
    """The store for the durability that is wanted, opened.

    Raises:
        StoreDown: It cannot be opened.
    """
    if settings.durability is Durability.NONE:
        return MemoryStore(lambda: time.monotonic_ns() // 1_000_000)
    # Imported where it is needed: SQLAlchemy is the larger half of the idle server's memory.
    from turnserver.store.journal import JournalStore  # noqa: PLC0415  # see above
    from turnserver.store.log import Log  # noqa: PLC0415  # see above

    syncs = settings.durability is Durability.POWER
    return JournalStore(Log(settings.database, syncs=syncs), Document, in_thread=syncs)


class Application:
    """The server's parts, joined: the ASGI application, and how to stop it."""

    def __init__(self, settings: Settings) -> None:
        self.store = store(settings)
        keys = ServerKeys(Path(settings.server_keys))
        self._answering = Answering(Context(self.store, settings, holder_of_key=keys.holder))
        self.exchange = Exchange(self._answering, self.store, settings)
        self.asgi = App(self.exchange, JsonFaces(self._answering, self.store, settings), settings)

    async def recover(self) -> None:
        """Finish what a server that was killed had begun.

        Raises:
            StoreDown: The store's failure.
        """
        await self._answering.recover()

    def drain(self) -> None:
        """Answer the held requests; no request is held from now on."""
        self._answering.holding.drain()

    async def close(self) -> None:
        """Make everything durable and close the store."""
        await self.store.close()
