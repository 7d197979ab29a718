"""One Redis server, and the connection to it, which is made again whenever it is lost."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import hiredis

from turnserver.store.redis import scripts
from turnserver.store.redis.address import Address, Where
from turnserver.store.redis.link import Command, Link, Reply, as_command
from turnserver.store.seam import StoreDown

RETRY_S_MIN = 0.05
"""Between the loss of a connection and the next try. Until then all are refused: whoever was in the middle of something
when it was lost does not go on as if nothing had happened."""

RETRY_S_MAX = 1.0
"""The longest pause between two tries."""

SERVER_NAME = "turnserver"
"""What a server's connections are called in Redis' list of clients."""


class Options:
    """What all connections of a process share.

    Args:
        address: Whom to be, and how to encrypt.
        timeout_s: Longest wait for a reply, or for a connection.
        ack_replicas: See `Link.confirm`.
        name: What they are called in Redis' list of clients.
    """

    def __init__(self, address: Address, *, timeout_s: float, ack_replicas: int = 0, name: str = SERVER_NAME) -> None:
        self.address = address
        self.timeout_s = timeout_s
        self.ack_replicas = ack_replicas
        self.name = name
        self.tls = address.tls()


class Server:
    """A server that one may ask, once and again.

    Args:
        find: Says where it is, before each connection.
        options: How to connect.
        on_loss: Called when the connection was lost: what was known may be outdated.
    """

    def __init__(self, find: Callable[[], Awaitable[Where]], options: Options, on_loss: Callable[[], None]) -> None:
        self.current: Link | None = None
        """The connection, if there is one."""
        self._confirmed_at = b"turn:confirmed"
        self._find = find
        self._options = options
        self._on_loss = on_loss
        self._attempt: asyncio.Future[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._failure = ""
        self._is_closed = False

    async def link(self) -> Link:
        """The connection. While one is being made everybody waits for it.

        Raises:
            StoreDown: There is none, and between two tries.
        """
        if self.current is not None:
            return self.current
        if self._is_closed:
            raise StoreDown("the store is closed")
        if self._keeper is None or self._keeper.done():
            self._attempt = asyncio.get_running_loop().create_future()
            self._keeper = asyncio.create_task(self._keep(self._attempt))
        if self._attempt is not None:
            await asyncio.shield(self._attempt)
        if self.current is None:
            raise StoreDown(self._failure)
        return self.current

    def confirm_at(self, key: bytes) -> None:
        """Write to this key, which the server has, in each round that replicas confirm."""
        self._confirmed_at = key
        if self.current is not None:
            self.current.confirm(self._options.ack_replicas, key)

    def is_settled(self) -> bool:
        """True if replicas have confirmed everything that this process has sent or seen."""
        if not self._options.ack_replicas or self._keeper is None:
            return True
        return self.current is not None and self.current.is_settled()

    async def settle(self) -> None:
        """See `Link.settle`."""
        if self._options.ack_replicas and self._keeper is not None:
            await (await self.link()).settle()

    async def _keep(self, attempt: "asyncio.Future[None]") -> None:
        """Connect, and again whenever the connection is lost."""
        loop = asyncio.get_running_loop()
        pause_s = RETRY_S_MIN
        while not self._is_closed:
            try:
                self.current = link = await self._connected()
                pause_s = RETRY_S_MIN
            except StoreDown as failure:
                self._failure, link = str(failure), None
            finally:
                self._attempt = None
                attempt.set_result(None)
            if link is not None:
                await link.closed
                self._failure = f"the connection to {link.where} was lost"
                self.current = None
                self._on_loss()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RETRY_S_MAX)
            self._attempt = attempt = loop.create_future()

    async def _connected(self) -> Link:
        timeout_s = self._options.timeout_s
        where, link = None, None
        try:
            async with asyncio.timeout(timeout_s):
                where = await self._find()
                link = await opened(where, self._options)
                await self._greet(link)
                link.confirm(self._options.ack_replicas, self._confirmed_at)
        except (OSError, TimeoutError) as error:
            reason = getattr(error, "strerror", None) or str(error) or f"no answer within {timeout_s:g} s"
            if link is not None:
                link.close()
            raise StoreDown(f"{where or 'Redis'} cannot be reached: {reason}") from error
        except StoreDown:
            if link is not None:
                link.close()
            raise
        return link

    async def _greet(self, link: Link) -> None:
        for script in scripts.ALL.values():
            await asked(link, (b"SCRIPT", b"LOAD", script.text))
        role = await asked(link, (b"ROLE",))
        if role[0] != b"master":
            raise StoreDown(f"{link.where} is a replica")
        await asked(link, as_command("CLIENT", "SETNAME", self._options.name))
        seconds, microseconds = await asked(link, (b"TIME",))
        link.opened_ms = int(seconds) * 1000 + int(microseconds) // 1000
        link.heed_clock(link.opened_ms)

    async def close(self) -> None:
        """End the connection for good."""
        self._is_closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._attempt is not None and not self._attempt.done():
            self._attempt.set_result(None)  # the keeper was cancelled before it began
        if self.current is not None:
            self.current.close()
            self.current = None


async def opened(where: Where, options: Options) -> Link:
    """A connection to a server, authenticated.

    Raises:
        OSError: It cannot be made.
        StoreDown: The server refuses.
    """
    loop, address = asyncio.get_running_loop(), options.address
    link = Link(str(where), timeout_s=options.timeout_s)
    if where.path:
        await loop.create_unix_connection(lambda: link, where.path)
    else:
        await loop.create_connection(lambda: link, where.host, where.port, ssl=options.tls)
    try:
        if address.password:
            user = (address.username,) if address.username else ()
            await asked(link, as_command("AUTH", *user, address.password))
        if address.database:
            await asked(link, as_command("SELECT", address.database))
    except BaseException:
        link.close()
        raise
    return link


async def asked(link: Link, command: Command) -> Reply:
    """The reply to a command that must work.

    Raises:
        StoreDown: It does not.
    """
    reply = await link.call(command)
    if isinstance(reply, hiredis.ReplyError):
        raise StoreDown(f"{link.where}: {reply}")
    return reply
