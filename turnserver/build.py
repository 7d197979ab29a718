"""The only place where parts are chosen and joined."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp

from turnserver.console.door import Door
from turnserver.domain.chat import ChatDocument
from turnserver.domain.documents import RelayDocument
from turnserver.domain.guessing import Guesses
from turnserver.domain.inbox import InboxDocument
from turnserver.domain.rooms.documents import RoomDocument
from turnserver.domain.sessions import Session
from turnserver.domain.topics import Topic
from turnserver.edge.app import App
from turnserver.edge.exchange import Exchange
from turnserver.edge.health import Health
from turnserver.edge.json_faces import JsonFaces
from turnserver.edge.metrics import Moment
from turnserver.edge.scraping import Scraping
from turnserver.records.opened import Records
from turnserver.records.places import IN_MEMORY, journal_url, records_url
from turnserver.service.answering import Answering
from turnserver.service.context import BEGUN_MAX, Context
from turnserver.service.fast_path import FastPath
from turnserver.service.figures import Figures
from turnserver.service.games import STEP_S, Games
from turnserver.service.live import Live
from turnserver.service.moderation import Moderation
from turnserver.service.operators import Operators
from turnserver.service.passwords import Passwords
from turnserver.service.pulse import Pulse
from turnserver.service.readiness import READY, Readiness
from turnserver.service.reset_sender import ResetSender, Way
from turnserver.service.reset_webhook import ResetWebhook
from turnserver.service.rights import LOOKS_S, Rights
from turnserver.service.rooms.fast_turns import FastTurns
from turnserver.service.steps import Steps
from turnserver.service.usage import Usage
from turnserver.settings import Durability, Settings
from turnserver.store.figures import JournalFigures
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import Store, StoreDown
from turnserver.store.server_keys import ServerKeys

if TYPE_CHECKING:
    from turnserver.store.redis.address import Address
    from turnserver.store.whole import Whole

_logger = logging.getLogger("turnserver")

Document = RelayDocument | RoomDocument | ChatDocument | InboxDocument | Topic | Session | Guesses
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
    return JournalStore(Log(journal_url(settings.database), syncs=syncs), Document, in_thread=syncs)


def whole(settings: Settings) -> "Whole":
    """All live state that servers with these settings share, or leave behind; to be closed.

    Raises:
        StoreDown: There is no place for it, or Redis cannot be used.
    """
    if settings.live:
        from turnserver.store.redis.whole import RedisWhole  # noqa: PLC0415  # see `_redis`

        replicas, timeout_s = settings.ack_replicas, settings.redis_s_max
        return RedisWhole(_address(settings), Document, timeout_s=timeout_s, ack_replicas=replicas)
    if settings.durability is Durability.NONE:
        raise StoreDown("with durability none a server leaves nothing behind; choose another, or Redis with --live")
    from turnserver.store.whole import JournalWhole  # noqa: PLC0415  # see `store`

    return JournalWhole(journal_url(settings.database), Document)


@asynccontextmanager
async def all_of(settings: Settings) -> AsyncIterator[tuple["Whole", Records, ServerKeys]]:
    """Everything that servers with these settings keep: what is live, records, and server keys.

    Raises:
        StoreDown: As `whole` does.
    """
    live, records = whole(settings), Records(records_of(settings))
    try:
        yield live, records, ServerKeys(Path(settings.server_keys))
    finally:
        await live.close()
        await records.close()


def records_of(settings: Settings) -> str:
    """The URL of the records."""
    return records_url(settings.database, writes=bool(settings.live) or settings.durability is not Durability.NONE)


def check_records(settings: Settings) -> None:
    """See to it that the records can be used; see `records.schema.check`. Called before there is an event loop.

    Raises:
        StoreDown: They cannot be used, and why.
    """
    url = records_of(settings)
    if url != IN_MEMORY:
        from turnserver.records import schema  # noqa: PLC0415  # see above

        schema.check(url)


def check(settings: Settings) -> None:
    """Return if the store of these settings can be used by as many processes as they ask for.

    Raises:
        StoreDown: It cannot; the message says why, and what to do.
    """
    if settings.live:
        if settings.workers > 1 and records_of(settings) == IN_MEMORY:
            raise StoreDown(
                f"{settings.workers} workers need records that they share: name a file or a server with --database"
            )
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


def reset_sender(settings: Settings) -> ResetSender | None:
    """What sends reset tokens; None where only the operator hands them out."""
    ways: list[Way] = []
    if settings.reset_webhook:
        ways.append(ResetWebhook(settings.reset_webhook))
    if settings.mail_host:
        from turnserver.service.reset_mail import MailServer, ResetMail  # noqa: PLC0415  # most servers mail nothing

        at = (settings.mail_host, settings.mail_port, settings.mail_tls)
        ways.append(
            ResetMail(
                MailServer(*at, settings.mail_user, settings.mail_password, settings.mail_from, settings.reset_link)
            )
        )
    return ResetSender(ways) if ways else None


class Application:
    """The server's parts, joined: the ASGI application, and how to start and stop it."""

    def __init__(self, settings: Settings) -> None:
        self.store = store(settings)
        self.usage = Usage()
        self.figures = Figures(self.store, self.usage, unix_s=time.time)
        self.readiness = Readiness(self.store)
        self.connections: Callable[[], int] = lambda: 0
        """How many connections are open; set by whoever accepts them."""
        keys = ServerKeys(Path(settings.server_keys))
        self._records = Records(records_of(settings))
        self._context = Context(
            self.store,
            settings,
            holder_of_key=keys.holder,
            records=self._records,
            passwords=Passwords(settings.passwords_waiting_max),
            usage=self.usage,
            begun=deque(maxlen=BEGUN_MAX if self._records.url != IN_MEMORY else 0),
        )
        self._steps = self._beside(settings)
        self._sender = reset_sender(settings)
        self._answering = Answering(self._context, self._sender)
        self.exchange = Exchange(self._answering, self.store, settings, **self._fast_paths(settings))
        self.scraping = Scraping(self._moment, keys.holder)
        self.asgi = App(
            self.exchange,
            JsonFaces(self._answering, self.store, settings),
            settings,
            proxies=settings.proxies,
            further=[*Health(self.readiness).routes, *self.scraping.routes, *self._console(settings).routes],
        )
        self._pulse = Pulse(self.figures, self.usage, self.readiness)
        self._beating: asyncio.Task[None] | None = None

    def _beside(self, settings: Settings) -> list[Steps]:
        """What is done again and again though nobody asks for it; nothing where records end with the process."""
        if self._records.url == IN_MEMORY:
            return []
        remember = Games(self._context, kept_s=settings.games_kept_s).step
        take = Rights(self._context).finish_deleted
        return [
            Steps(remember, every_s=STEP_S, failing="games are not written down for now"),
            Steps(take, every_s=LOOKS_S, failing="sessions of deleted accounts are not looked for for now"),
        ]

    def _fast_paths(self, settings: Settings) -> dict[str, Any]:
        """What answers usual requests in a small part of the time, by what the exchange calls it."""
        if isinstance(self.store, MemoryStore):
            turns = FastTurns(self.store, settings, self._answering)
            return {"fast_path": FastPath(self.store, settings, self._answering), "fast_turns": turns}
        from turnserver.service.distant_path import DistantPath  # noqa: PLC0415  # see `_redis`
        from turnserver.store.redis.store import RedisStore  # noqa: PLC0415  # see `_redis`

        assert isinstance(self.store, RedisStore)
        return {"distant_path": DistantPath(self.store, settings, self.usage)}

    def _console(self, settings: Settings) -> Door:
        """The door to the console; what is behind it is imported when somebody opens it."""
        operators = Operators(self._context, session_s=settings.console_session_s, idle_s=settings.console_idle_s)
        live = Live(self._context, rows_max=settings.console_rows_max)
        moderation = Moderation(self._context, self._answering.sessions)

        def inside() -> ASGIApp:
            from turnserver.console.app import Console  # noqa: PLC0415  # see above
            from turnserver.console.pages import Pages  # noqa: PLC0415  # see above

            return Console(operators, Pages(operators, live, moderation, self.figures), self._records)

        return Door(operators, inside)

    async def _moment(self) -> Moment:
        """The server as it is now, for `/metrics`."""
        is_ready = await self.readiness.check() == READY
        try:
            census = None if self.readiness.is_down else await self._answering.census.latest()
        except StoreDown:
            census = None
        journal: JournalFigures | None = getattr(self.store, "figures", None)
        return Moment(self.usage, self._pulse.lag, self.connections(), is_ready, census, journal)

    def start(self) -> None:
        """Let the pulse beat, and finish what the last run left half done; called in the event loop that serves."""
        if self._records.is_there:
            self._context.beside.start(self._finish)
        self._beating = asyncio.get_running_loop().create_task(self._pulse.run())
        for steps in self._steps:
            self._context.beside.start(steps.follow)
        if not self.store.is_immediate:
            self._context.beside.start(self._recover_beside)

    async def _finish(self) -> None:
        try:
            await Rights(self._context).finish()
        except StoreDown as failure:
            _logger.warning("sessions that were ended are not all taken yet: %s", failure)

    async def recover(self) -> None:
        """Finish what a server that was killed had begun, before anybody is served.

        Where other servers go on meanwhile, all that lives may be much to go over: `start` lets that be done beside.

        Raises:
            StoreDown: The store's failure.
        """
        if self.store.is_immediate:
            await self._answering.recover()

    async def _recover_beside(self) -> None:
        try:
            await self._answering.recover()
        except StoreDown as failure:
            _logger.warning("what servers that were killed had begun is not all finished yet: %s", failure)

    def drain(self) -> None:
        """Answer the held requests; no request is held from now on, and the server is no longer ready."""
        self.readiness.is_draining = True
        self._answering.holding.drain()

    async def close(self) -> None:
        """Make everything durable and close the store."""
        for steps in self._steps:
            steps.stop()
        await self._context.beside.close()
        await self._records.close()
        self._context.passwords.close()
        if self._sender is not None:
            self._sender.close()
        if self._beating is not None:
            self._beating.cancel()
        await self.store.close()
