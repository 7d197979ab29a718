"""Which partitions there are: counted and listed by kind, and cleared away when they are over.

A name is in the index of its kind before the partition is made, and as long as it lives. It stands there with the time
when somebody has to look at it: whoever makes or counts partitions also looks at a bounded number of names that are
due, and either finds out when each is due again, or clears away what is left of it. Nothing runs in the background.

Whoever looks at a name claims it first, by moving it a little into the future; a name goes only if it still stands
where it was claimed. So a partition that is made again meanwhile stays in the index.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from turnserver.store.redis import scripts
from turnserver.store.redis.partitions import index_key, partition_keys

REVIEWS_MAX = 64
"""Names that are looked at in one go: more than one can make, so that what is over does not pile up."""

GRACE_MS = 10_000
"""How long one may take to make a partition that is announced, and to look at one that is claimed."""

SCAN_STEP = 500
"""About how many names are looked at together when all are listed."""

Run = Callable[..., Awaitable[Any]]


class Index:
    """The names of all partitions.

    Args:
        run: Runs a script: `(script, keys, arguments)`.
        ask: Sends a command: `(key, words)`.
        review: Runs the review script on the partition of a name.
        clock: The store's clock where it is set by hand, or -1.
    """

    def __init__(self, run: Run, ask: Run, review: Run, clock: Callable[[], int]) -> None:
        self._run = run
        self._ask = ask
        self._review = review
        self._clock = clock
        self._clearing: set[asyncio.Task[int]] = set()
        self._counted: set[str] = set()
        """Kinds that were counted since the latest was announced: what was due has been looked at."""

    async def announce(self, name: str, now_ms: int) -> int:
        """Put a name into its index; until the time that is returned the partition may be made."""
        kind = name.partition(":")[0]
        until_ms = now_ms + GRACE_MS
        await self._ask(index_key(kind), "ZADD", index_key(kind), until_ms, name)
        if kind in self._counted:
            self._counted.discard(kind)
        elif len(self._clearing) < REVIEWS_MAX:
            task = asyncio.create_task(self._clear_some(kind))
            self._clearing.add(task)
            task.add_done_callback(self._cleared)
        return until_ms

    async def _clear_some(self, kind: str) -> int:
        count = await self.count(kind)
        self._counted.discard(kind)  # nobody but us has asked
        return count

    def _cleared(self, task: "asyncio.Task[int]") -> None:
        self._clearing.discard(task)
        if not task.cancelled():
            task.exception()  # what could not be cleared now is due again soon

    async def confirm(self, name: str, ends_ms: int | None) -> None:
        """The partition was made: it stands in the index even if another, who was clearing, took it away meanwhile."""
        key = index_key(name.partition(":")[0])
        await self._ask(key, "ZADD", key, "+inf" if ends_ms is None else ends_ms, name)

    async def count(self, kind: str) -> int:
        """How many names there are, once those that are due were looked at."""
        count, due_ms, *names = await self._claim(index_key(kind), REVIEWS_MAX)
        self._counted.add(kind)
        gone = await asyncio.gather(*(self._look_at(name.decode(), due_ms) for name in names))
        return int(count) - sum(gone)

    async def _claim(self, key: bytes, most: int) -> list[Any]:
        arguments = (b"%d" % self._clock(), b"%d" % GRACE_MS, b"%d" % most)
        claimed: list[Any] = await self._run(scripts.CLAIM, (key,), arguments)
        return claimed

    async def _look_at(self, name: str, due_ms: int) -> bool:
        """True if the partition is over, and gone."""
        is_alive, _, found = await self._review(name)
        key = index_key(name.partition(":")[0])
        if is_alive:
            await self._ask(key, "ZADD", key, "XX", "+inf" if found < 0 else found, name)
            return False
        await self._unname(name, dict(zip(found[::2], found[1::2], strict=True)))
        await self._run(scripts.REMOVE, (key,), (name.encode(), b"%d" % due_ms))
        return True

    async def _unname(self, name: str, aliases: dict[bytes, bytes]) -> None:
        """Take the aliases of a partition that is over away."""
        if not aliases:
            return
        for alias, id_ in aliases.items():
            await self.unpoint(alias.decode(), id_.partition(b" ")[2], name)
        arguments = [part for alias in aliases.items() for part in alias]
        again = await self._run(scripts.FORGET, partition_keys(name), arguments)
        for alias, id_ in zip(again[::2], again[1::2], strict=True):
            pointer = id_.partition(b" ")[2] + b" " + name.encode()
            key, _ = partition_keys(alias.decode())
            await self._ask(key, "HSET", key, "p", pointer)

    async def unpoint(self, alias: str, id_: bytes, name: str) -> None:
        """Take a pointer away."""
        key, _ = partition_keys(alias)
        await self._run(scripts.UNPOINT, (key,), (id_, name.encode()))

    async def claim(self, name: str, now_ms: int) -> int:
        """Claim the name of a partition that is about to be ended; when it is due again."""
        key, due_ms = index_key(name.partition(":")[0]), now_ms + GRACE_MS // 2
        await self._ask(key, "ZADD", key, "XX", due_ms, name)
        return due_ms

    async def clear(self, name: str, due_ms: int) -> None:
        """Clear away what is left of a partition that was ended, and claimed before."""
        await self._look_at(name, due_ms)

    async def scan(self, kind: str) -> list[str]:
        """The names of all partitions that live."""
        key, cursor = index_key(kind), b"0"
        living: set[str] = set()
        while True:
            cursor, page = await self._ask(key, "ZSCAN", key, cursor, "COUNT", SCAN_STEP)
            names = [name.decode() for name in page[::2]]
            reviews = await asyncio.gather(*(self._review(name) for name in names))
            living.update(name for name, (is_alive, *_) in zip(names, reviews, strict=True) if is_alive)
            if cursor == b"0":
                return list(living)
