"""Runs scripts on partitions and indexes, each on the server that has its keys."""

from collections.abc import Callable
from typing import Any

from turnserver.store.redis.link import Command, Link, Reply
from turnserver.store.redis.partitions import packed, partition_keys
from turnserver.store.redis.scripts import Script
from turnserver.store.redis.servers import Servers, key_command


class Runner:
    """The way to all servers.

    Args:
        servers: The servers.
        clock: Milliseconds, in place of the servers' clocks; for tests.
    """

    def __init__(self, servers: Servers, clock: Callable[[], int] | None) -> None:
        self._servers = servers
        self._clock = clock

    async def run(self, script: Script, keys: tuple[bytes, ...], arguments: Any = ()) -> Reply:
        """What a script answers."""
        head = (b"EVALSHA", script.sha, b"%d" % len(keys), *keys, *arguments)
        return await self._servers.call(keys[0], lambda _link: head)

    async def ask(self, key: bytes, *words: bytes | str | int) -> Reply:
        """What a command answers."""
        return await self._servers.call(key, key_command(*words))

    async def on(self, script: Script, name: str, ask: tuple[Any, ...], values: tuple[bytes, ...] = ()) -> Reply:
        """What a script answers that is about a partition.

        Args:
            script: Its first argument is a list that begins with the clock and the time since when it can be heard.
            name: The partition.
            ask: How that list goes on.
            values: The further arguments.
        """
        keys = partition_keys(name)
        reply = await self._servers.call(keys[0], lambda link: self.command(link, script, keys, ask, values))
        if self._clock is None and (link := self._servers.current(keys[0])) is not None:
            link.heed_clock(reply[1])
        return reply

    def command(
        self,
        link: Link,
        script: Script,
        keys: tuple[bytes, bytes],
        ask: tuple[Any, ...],
        values: tuple[bytes, ...],
    ) -> Command:
        """The command that runs a script on a partition; see `on`."""
        now_ms, opened_ms = self.times(link)
        given_ms = -1 if self._clock is None else now_ms
        return (b"EVALSHA", script.sha, b"2", *keys, packed(given_ms, opened_ms, *ask), *values)

    def times(self, link: Link) -> tuple[int, int]:
        """The store's clock, and what it was when the server became reachable."""
        if self._clock is None:
            return int(link.now_ms()), link.opened_ms
        if link.opened_ms > (now_ms := self._clock()):
            link.opened_ms = now_ms
        return now_ms, link.opened_ms

    def given_ms(self) -> int:
        """The clock that is given to scripts; -1 for that of the servers."""
        return -1 if self._clock is None else self._clock()

    def link_of(self, key: bytes) -> Link | None:
        """The connection to the server that has a key; None if it cannot be reached now."""
        return self._servers.current(key)

    def times_at(self, name: str) -> tuple[int, int] | None:
        """See `times`, for the server that has a partition; None if it cannot be reached now."""
        link = self._servers.current(partition_keys(name)[0])
        return None if link is None else self.times(link)
