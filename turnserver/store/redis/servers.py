"""The Redis servers of a store: one, or the nodes of a cluster; and which of them has a key."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from typing import Any

import hiredis
from redis.asyncio.sentinel import Sentinel
from redis.crc import key_slot
from redis.exceptions import RedisError

from turnserver.store.redis.address import Address, Where
from turnserver.store.redis.link import Command, Link, Reply, as_command
from turnserver.store.redis.scripts import ALL
from turnserver.store.redis.server import Options, Server, asked, opened
from turnserver.store.seam import StoreDown

TRIES_MAX = 8
"""How often a command that a server turned away is brought to the right one: slots move one by one."""


class Servers:
    """All servers of a store.

    Args:
        options: How to connect.
        on_change: Called whenever a connection was lost, or slots have moved: what was known may be outdated.
    """

    def __init__(self, options: Options, on_change: Callable[[], None]) -> None:
        self._options = options
        self._on_change = on_change
        self._nodes: dict[Where, Server] = {}
        self._slots: dict[int, Server] = {}
        self._is_cluster = options.address.kind == "cluster"
        self._only = Server(_finder(options), options, on_change)
        self._refreshing: asyncio.Task[None] | None = None
        self._closing: list[asyncio.Task[None]] = []

    def current(self, key: bytes) -> Link | None:
        """The connection to the server that has a key, if there is one."""
        if not self._is_cluster:
            return self._only.current
        server = self._slots.get(key_slot(key))
        return None if server is None else server.current

    async def link(self, key: bytes) -> Link:
        """The connection to the server that has a key.

        Raises:
            StoreDown: There is none.
        """
        if not self._is_cluster:
            return await self._only.link()
        slot = key_slot(key)
        if slot not in self._slots:
            await self._refreshed()
        server = self._slots.get(slot)
        if server is None:
            raise StoreDown(f"no node of the cluster has slot {slot}")
        try:
            return await server.link()
        except StoreDown:
            self._refresh_soon()  # its place may have been taken
            raise

    async def call(self, key: bytes, command: Callable[[Link], Command]) -> Reply:
        """The reply of the server that has the key.

        Args:
            key: Where the command goes.
            command: Makes the command, for a connection.

        Raises:
            StoreDown: There is no such reply. The command may have been carried out.
        """
        link = self.current(key) or await self.link(key)
        reply = await link.call(command(link))
        if not isinstance(reply, hiredis.ReplyError):
            return reply
        for _ in range(TRIES_MAX):
            link, words = await self._turned_away(link, key, command(link), reply)
            if words:
                link.call(words).add_done_callback(_heard)
            reply = await link.call(command(link))
            if not isinstance(reply, hiredis.ReplyError):
                return reply
        raise StoreDown(f"{link.where}: {reply}")

    async def _turned_away(
        self, link: Link, key: bytes, command: Command, error: hiredis.ReplyError
    ) -> tuple[Link, Command]:
        """Where to bring a command that was not carried out, and what to say there first."""
        kind, *words = str(error).split(" ")
        if kind == "NOSCRIPT":
            return link, (b"SCRIPT", b"LOAD", ALL[command[1]].text)
        if kind == "MOVED":
            self._on_change()
            self._slots[int(words[0])] = node = self._node(_where(words[1], link))
            node.confirm_at(key + b":confirmed")
            self._refresh_soon()
            return await self.link(key), ()
        if kind == "ASK":
            return await self._node(_where(words[1], link)).link(), (b"ASKING",)
        if kind == "TRYAGAIN":
            await asyncio.sleep(0.05)
            return link, ()
        if kind in ("READONLY", "CLUSTERDOWN", "MASTERDOWN", "LOADING"):
            link.close()
        raise StoreDown(f"{link.where}: {error}")

    def _node(self, where: Where) -> Server:
        if where not in self._nodes:
            self._nodes[where] = Server(partial(_at, where), self._options, self._on_change)
        return self._nodes[where]

    def _refresh_soon(self) -> "asyncio.Task[None]":
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())
            self._refreshing.add_done_callback(_heard)
        return self._refreshing

    async def _refreshed(self) -> None:
        """See `_refresh`; by a task of its own, for many may wait, and none need be in one."""
        await asyncio.shield(self._refresh_soon())

    async def _refresh(self) -> None:
        """Ask any node who has which slots.

        Raises:
            StoreDown: None answers.
        """
        failure = StoreDown("no node of the cluster answers")
        for where in (*self._nodes, *self._options.address.seeds):
            try:
                async with asyncio.timeout(self._options.timeout_s):
                    link = await opened(where, self._options)
                    try:
                        ranges = await asked(link, (b"CLUSTER", b"SLOTS"))
                    finally:
                        link.close()
            except (OSError, TimeoutError, StoreDown) as error:
                failure = StoreDown(f"{where}: {error}")
                continue
            self._take_over(ranges, where)
            return
        raise failure

    def _take_over(self, ranges: list[Any], asked_at: Where) -> None:
        slots: dict[int, Server] = {}
        for first, last, primary, *_replicas in ranges:
            node = self._node(Where(primary[0].decode() or asked_at.host, primary[1]))
            slots.update(dict.fromkeys(range(first, last + 1), node))
        if slots != self._slots:
            for first, last, *_ in sorted(ranges, key=_width):
                slots[first].confirm_at(_key_between(first, last))
            self._slots = slots
            self._on_change()
        for where in set(self._nodes) - {where for where, server in self._nodes.items() if server in slots.values()}:
            self._closing.append(asyncio.create_task(self._nodes.pop(where).close()))

    async def primaries(self) -> list[Link]:
        """A connection to each server that has keys.

        Raises:
            StoreDown: One cannot be reached.
        """
        if not self._is_cluster:
            return [await self._only.link()]
        await self._refresh()
        return [await server.link() for server in dict.fromkeys(self._slots.values())]

    async def any_place(self) -> Where:
        """Some server that works: where all messages between processes can be heard.

        Raises:
            StoreDown: None does.
        """
        if not self._is_cluster:
            return await _finder(self._options)()
        if not self._slots:
            await self._refreshed()
        working = [where for where, server in self._nodes.items() if server.current is not None]
        for where in (*working, *self._nodes):
            return where
        raise StoreDown("no node of the cluster has any slot")

    def is_settled(self) -> bool:
        """See `Server.is_settled`."""
        return self._only.is_settled() and all(server.is_settled() for server in self._nodes.values())

    async def settle(self) -> None:
        """See `Server.settle`."""
        await asyncio.gather(*(server.settle() for server in (self._only, *self._nodes.values())))

    async def close(self) -> None:
        """End all connections."""
        if self._refreshing is not None:
            self._refreshing.cancel()
        for server in (self._only, *self._nodes.values()):
            await server.close()


def _width(slots: list[Any]) -> int:
    first, last, *_ = slots
    return int(last - first)


def _key_between(first: int, last: int) -> bytes:
    """A key of one of these slots, which all connections may write to."""
    return next(key for number in count() if first <= key_slot(key := b"turn:confirmed:%d" % number) <= last)


def _finder(options: Options) -> Callable[[], Awaitable[Where]]:
    address = options.address
    if address.kind == "sentinel":
        return partial(_named_by_sentinels, address, options.timeout_s)
    return partial(_at, address.seeds[0])


async def _at(where: Where) -> Where:
    return where


async def _named_by_sentinels(address: Address, timeout_s: float) -> Where:
    seeds = [(seed.host, seed.port) for seed in address.seeds]
    sentinels = Sentinel(  # type: ignore[no-untyped-call]  # redis-py types only some of its functions
        seeds, sentinel_kwargs={"socket_timeout": timeout_s / 2, "retry": None}
    )
    try:
        host, port = await sentinels.discover_master(address.primary)
    except RedisError as error:
        raise StoreDown(f"no sentinel names a primary {address.primary!r}: {error}") from error
    finally:
        for sentinel in sentinels.sentinels:
            await sentinel.aclose()
    return Where(host, port)


def _where(host_and_port: str, link: Link) -> Where:
    host, _, port = host_and_port.rpartition(":")
    return Where(host or link.where.removeprefix("Redis at ").rpartition(":")[0], int(port))


def _heard(future: "asyncio.Future[Any]") -> None:
    if not future.cancelled():
        future.exception()


def key_command(*parts: bytes | str | int) -> Callable[[Link], Command]:
    """A command that is the same for each connection."""
    command = as_command(*parts)
    return lambda _link: command
