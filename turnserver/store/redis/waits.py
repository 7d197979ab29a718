"""Who waits in this process, and how it hears what other processes commit.

A partition knows which processes wait for it, and for what. Who commits tells them, once, over a channel that each
process has for itself; then every wait for that partition ends, and who still has nothing to say waits again. Where the
channel breaks, everybody is woken when it works again: a message that was missed delays nobody for long.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Sequence

from turnserver.store.redis.address import Where
from turnserver.store.redis.link import as_command
from turnserver.store.redis.server import RETRY_S_MAX, Options, asked, opened
from turnserver.store.seam import StoreDown

PING_S = 5.0
"""How often a silent channel is tried."""


MARKS_MAX = 100_000
"""Partitions that are known to know who waits; of one that is not, this costs a round trip."""


class Mark:
    """That a partition is told, by a commit, of this process' wait for some names; of no use once it was rung."""

    __slots__ = ("is_noted", "names")

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)
        self.is_noted = False
        """Whether it is known to have been carried out."""


class Waits:
    """All waits of a process."""

    def __init__(self) -> None:
        self._waits: dict[str, set[asyncio.Future[None]]] = {}
        self._marks: dict[str, list[Mark]] = {}
        self.is_awake = False
        """True when nobody waits any more: the process is about to stop."""

    def mark(self, name: str, names: Sequence[str]) -> Mark:
        """A commit that is about to be sent tells the partition of a wait."""
        while len(self._marks) >= MARKS_MAX:
            del self._marks[next(iter(self._marks))]
        mark = Mark(names)
        self._marks.setdefault(name, []).append(mark)
        return mark

    def is_noted(self, name: str, names: Collection[str]) -> bool:
        """True if the partition knows that this process waits for these names, and none of them has moved since."""
        return any(mark.is_noted and mark.names.issuperset(names) for mark in self._marks.get(name, ()))

    async def wait(self, name: str, timeout_s: float, begun: "asyncio.Future[bool] | None" = None) -> None:
        """Return when the partition is rung, or after `timeout_s`, or when there turns out to be nothing to wait for.

        Args:
            name: The partition.
            timeout_s: Longest wait.
            begun: Whether the partition knows that somebody waits; None if it does.
        """
        loop = asyncio.get_running_loop()
        rung: asyncio.Future[None] = loop.create_future()
        self._waits.setdefault(name, set()).add(rung)
        timer = loop.call_later(timeout_s, _ring, rung)
        if begun is not None:
            begun.add_done_callback(lambda begun: _ring(rung) if _is_in_vain(begun) else None)
        try:
            await rung
        finally:
            timer.cancel()
            waits = self._waits[name]
            waits.discard(rung)
            if not waits:
                del self._waits[name]
                self._marks.pop(name, None)

    def ring(self, name: str, *, but: Mark | None = None) -> None:
        """End every wait for a partition, which knows of none any more but for that of one commit."""
        marks = self._marks.pop(name, ())
        if but is not None and but in marks:
            self._marks[name] = [but]
        for rung in self._waits.get(name, ()):
            _ring(rung)

    def ring_all(self) -> None:
        """End every wait."""
        self._marks.clear()
        for name in self._waits:
            self.ring(name)

    def wake(self) -> None:
        """End every wait, and every later one at once."""
        self.is_awake = True
        self.ring_all()


def _ring(rung: "asyncio.Future[None]") -> None:
    if not rung.done():
        rung.set_result(None)


def _is_in_vain(begun: "asyncio.Future[bool]") -> bool:
    return begun.cancelled() or begun.exception() is not None or not begun.result()


class Channel:
    """What this process hears from the others.

    Args:
        process: The name of this process.
        find: Some server that works.
        options: How to connect.
        on_message: Gets the key of a partition that was committed to.
        on_gap: Called when messages may have been missed.
    """

    def __init__(
        self,
        process: str,
        find: Callable[[], Awaitable[Where]],
        options: Options,
        on_message: Callable[[bytes], None],
        on_gap: Callable[[], None],
    ) -> None:
        self._name = f"turn:process:{process}"
        self._find = find
        self._options = options
        self._on_message = on_message
        self._on_gap = on_gap
        self._listener: asyncio.Task[None] | None = None
        self._is_ready: asyncio.Future[None] | None = None

    async def ready(self) -> None:
        """Return when messages are heard, or after the first try to hear them: waits end without them, too."""
        if self._listener is None or self._listener.done():
            self._is_ready = asyncio.get_running_loop().create_future()
            self._listener = asyncio.create_task(self._listen())
        if self._is_ready is not None:
            await asyncio.shield(self._is_ready)

    async def _listen(self) -> None:
        try:
            while True:
                with contextlib.suppress(OSError, TimeoutError, StoreDown):
                    await self._hear()
                self._now_ready()
                self._on_gap()
                await asyncio.sleep(RETRY_S_MAX / 4)
        finally:
            self._now_ready()

    async def _hear(self) -> None:
        """Hear messages until the connection is lost."""
        async with asyncio.timeout(self._options.timeout_s):
            link = await opened(await self._find(), self._options)
        try:
            link.on_message = self._on_message
            await asked(link, as_command("SUBSCRIBE", self._name))
            self._on_gap()
            self._now_ready()
            while link.is_open:
                await asyncio.wait((link.closed,), timeout=PING_S)
                if link.is_open:
                    await asked(link, (b"PING",))
        finally:
            link.close()

    def _now_ready(self) -> None:
        if self._is_ready is not None and not self._is_ready.done():
            self._is_ready.set_result(None)
        self._is_ready = None

    async def close(self) -> None:
        """Hear nothing more."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
            self._now_ready()
