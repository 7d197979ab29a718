"""The only place where parts are chosen and joined."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from turnserver.domain.chat import ChatDocument
from turnserver.domain.documents import RelayDocument
from turnserver.domain.inbox import InboxDocument
from turnserver.domain.rooms.documents import RoomDocument
from turnserver.domain.sessions import Session
from turnserver.edge.app import App
from turnserver.edge.exchange import Exchange
from turnserver.edge.json_faces import JsonFaces
from turnserver.service.answering import Answering
from turnserver.service.context import Context
from turnserver.settings import Durability, Settings
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import Store, StoreDown
from turnserver.store.server_keys import ServerKeys

if TYPE_CHECKING:
    from turnserver.store.redis.address import Address

Document = RelayDocument | RoomDocument | ChatDocument | InboxDocument | Session
"""All documents that a store may hold, told apart by their tags."""


def store(settings: Settings) -> Store:
    """The store for the durability that is wanted, opened.

    Raises:
        StoreDown: It cannot be opened.
    """
    if settings.live:
        return _redis(settings)
    check(settings)
    if settings.durability is Durability.NONE:
        return MemoryStore(lambda: time.monotonic_ns() // 1_000_000)
    # Imported where it is needed: SQLAlchemy is the larger half of the idle server's memory.
    from turnserver.store.journal import JournalStore  # noqa: PLC0415  # see above
    from turnserver.store.log import Log  # noqa: PLC0415  # see above

    syncs = settings.durability is Durability.POWER
    return JournalStore(Log(settings.database, syncs=syncs), Document, in_thread=syncs)


def check(settings: Settings) -> None:
    """Return if the store of these settings can be used by as many processes as they ask for.

    Raises:
        StoreDown: It cannot; the message says why, and what to do.
    """
    if settings.live:
        _address(settings)
        return
    if settings.workers > 1:
        raise StoreDown(
            f"{settings.workers} workers need live state that they share: "
            "give them a Redis with --live redis://HOST/0, or start one worker"
        )
    if settings.ack_replicas:
        raise StoreDown("--ack-replicas counts replicas of Redis: give one with --live redis://HOST/0")


def _redis(settings: Settings) -> Store:
    # Imported where it is needed: it costs memory that a server without it need not have.
    from turnserver.store.redis.store import RedisStore  # noqa: PLC0415  # see above

    timeout_s = settings.redis_s_max
    return RedisStore(_address(settings), Document, ack_replicas=settings.ack_replicas, timeout_s=timeout_s)


def _address(settings: Settings) -> "Address":
    """Where Redis is, once it has answered."""
    from turnserver.store.redis.address import BadAddress, parse  # noqa: PLC0415  # see `_redis`
    from turnserver.store.redis.opening import check as check_redis  # noqa: PLC0415  # see `_redis`

    try:
        address = parse(settings.live)
    except BadAddress as error:
        raise StoreDown(str(error)) from error
    check_redis(address, timeout_s=settings.redis_s_max)
    return address


class Application:
    """The server's parts, joined: the ASGI application, and how to stop it."""

    def __init__(self, settings: Settings) -> None:
        self.store = store(settings)
        keys = ServerKeys(Path(settings.server_keys))
        self._answering = Answering(Context(self.store, settings, holder_of_key=keys.holder))
        self.exchange = Exchange(self._answering, self.store, settings)
        self.asgi = App(self.exchange, JsonFaces(self._answering, self.store, settings), settings)

    def drain(self) -> None:
        """Answer the held requests; no request is held from now on."""
        self._answering.holding.drain()

    async def close(self) -> None:
        """Make everything durable and close the store."""
        await self.store.close()
