"""The Redis store: the seam over Redis 7 or Valkey, single, with replicas, or as a cluster.

A read is one round trip and brings only what has changed since this process saw the partition last. A commit is one
script, which compares the expected counters and applies the batch, or says what has changed. Nothing is sent twice: a
commit whose answer is lost is `StoreDown`, and the counters make it safe to try again.

A partition ends when its span is over since its last commit, and since this process could reach the server again:
time in which it could not be heard is nobody's silence.

Source: docs/decisions/0023-redis.md.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from hiredis import ReplyError

from turnserver.partition import Batch, View
from turnserver.store.redis import scripts
from turnserver.store.redis.address import Address
from turnserver.store.redis.index import Index
from turnserver.store.redis.link import Link, Reply
from turnserver.store.redis.moves import Moves
from turnserver.store.redis.partitions import (
    UNSEEN,
    Codec,
    Seen,
    appends,
    partition_keys,
    put_values,
)
from turnserver.store.redis.runner import Runner
from turnserver.store.redis.scripts import ASTRAY, CHANGED, DONE, NONE, NOTHING, REFUSED, UNANNOUNCED, UNCHANGED
from turnserver.store.redis.seen import Known, Memory
from turnserver.store.redis.server import Options
from turnserver.store.redis.servers import Servers
from turnserver.store.redis.waits import Channel, Mark, Waits
from turnserver.store.seam import StoreDown

TIMEOUT_S = 5.0
"""Longest wait for a reply of Redis."""

TRIES_MAX = 8
"""How often one commit is sent again because it was not carried out: announced, or led to another place."""

ALIASES_MAX = 200_000
"""Aliases that a process remembers; one that it does not costs a round trip."""


class RedisStore:
    """Live state for many processes.

    Args:
        address: Where Redis is.
        document_type: The union of all documents, for decoding.
        ack_replicas: How many replicas must have what is acknowledged.
        timeout_s: Longest wait for a reply.
        clock: Milliseconds, in place of the servers' clocks; for tests.
    """

    def __init__(
        self,
        address: Address,
        document_type: Any,
        *,
        ack_replicas: int = 0,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._process = secrets.token_urlsafe(9)
        self._epochs = 0
        self._clock = clock
        self._codec = Codec(document_type)
        self._memory = Memory(self._codec)
        self._aliases: dict[str, bytes] = {}
        options = Options(address, timeout_s=timeout_s, ack_replicas=ack_replicas)
        self._servers = Servers(options, self._forget_all)
        self._runner = Runner(self._servers, clock)
        self._waits = Waits()
        self._channel = Channel(self._process, self._servers.any_place, options, self._rung, self._waits.ring_all)
        self._index = Index(self._runner.run, self._runner.ask, self._review, lambda: -1 if clock is None else clock())
        self.moves = Moves(self._process, self._runner, self._memory, self._waits)
        """Sends usual commits without a task."""
        self._sending: set[asyncio.Future[Any]] = set()
        self._waiters = 0

    def _forget_all(self) -> None:
        """After a failover the same revision may mean something else."""
        self._memory.clear()
        self._aliases.clear()
        self._waits.ring_all()

    def _place(self, name: str) -> tuple[str, str]:
        """The partition that a name leads to as far as this process knows, and the name if it is an alias."""
        pointer = self._aliases.get(name)
        return (name, "") if pointer is None else (pointer.partition(b" ")[2].decode(), name)

    def _remember(self, alias: str, pointer: bytes) -> None:
        while len(self._aliases) >= ALIASES_MAX:
            del self._aliases[next(iter(self._aliases))]
        self._aliases[alias] = pointer

    # The seam.

    async def read(self, name: str) -> View:
        """See `Store.read`."""
        stale = b""
        for _ in range(TRIES_MAX):
            place, alias = self._place(name)
            base = self._memory.get(place)
            reply = await self._runner.on(scripts.READ, place, (alias, base.epoch, base.rev, base.nexts))
            if reply[0] == CHANGED or reply[0] == UNCHANGED:
                return self._view(place, self._memory.told(place, base, reply), reply[1])
            if alias:
                stale = self._aliases.pop(name, b"")
            elif reply[2] is None or reply[2] == stale:
                self._memory.forget(place)
                return self._view(place, UNSEEN, reply[1])
            else:
                self._remember(name, reply[2])
        raise StoreDown(f"{name} leads astray again and again")

    def _view(self, place: str, seen: Seen, now_ms: int) -> View:
        times = self._runner.times_at(place)
        opened_ms = now_ms if times is None else times[1]
        return View(seen.documents, seen.streams, now_ms, min(opened_ms, now_ms))

    def glance(self, name: str) -> View | None:
        """See `Store.glance`."""
        place, _ = self._place(name)
        seen = self._memory.get(place)
        times = self._runner.times_at(place)
        if seen is UNSEEN or times is None:
            return None
        now_ms, opened_ms = times
        return View(seen.documents, seen.streams, now_ms, opened_ms)

    def known(self, name: str) -> Known | None:
        """What this process knows of the partition of that name or alias, for who is to keep a cache of it."""
        place, _ = self._place(name)
        return self._memory.find(place)

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        if not batch.lasting and self._can_be_sent(name, batch):
            return True
        if batch.aliases:
            return await self._commit_named(name, batch)
        if batch.ends:
            return await self._end(name, batch)
        return await self._commit(name, batch)

    def _can_be_sent(self, name: str, batch: Batch) -> bool:
        """Send what nobody has to wait for, where the partition is known to be there; False if that cannot be done."""
        place, _ = self._place(name)
        link = self._servers.current(partition_keys(place)[0])
        if link is None or self._memory.get(place) is UNSEEN or batch.aliases or batch.drops or batch.ends:
            return False
        self._send(link, name, batch)
        return True

    def _send(self, link: Link, name: str, batch: Batch) -> None:
        """Commit without waiting for what comes of it: a sign of life that is lost is lost."""
        place, alias = self._place(name)
        base = self._memory.get(place)
        ask = (alias, base.epoch, base.rev, base.nexts, self._process, "", -1, "", *_changes(batch, []))
        sent = link.call(
            self._runner.command(link, scripts.COMMIT, partition_keys(place), ask, tuple(put_values(batch)))
        )

        def answered(sent: "asyncio.Future[Any]") -> None:
            if not sent.cancelled() and sent.exception() is None:
                reply = sent.result()
                if isinstance(reply, list) and reply[0] == DONE:
                    self._apply(place, base, batch, reply)
                elif isinstance(reply, ReplyError) and str(reply).startswith("READONLY"):
                    link.close()  # it has become a replica, and what is read there is old

        sent.add_done_callback(answered)

    async def _commit(self, name: str, batch: Batch, pointers: Mapping[str, bytes] | None = None) -> bool:
        until_ms, stale = await self._foreseen(name, batch), b""
        names = [part for alias, id_ in (pointers or {}).items() for part in (alias, id_.decode())]
        values = tuple(put_values(batch))
        mark: Mark | None = None
        for _ in range(TRIES_MAX):
            place, alias = self._place(name)
            base = self._memory.get(place)
            ask = (alias, base.epoch, base.rev, base.nexts, self._process, self._epoch(), until_ms, stale.decode())
            if batch.watch:
                mark = self._waits.mark(place, batch.watch)
            reply = await self._runner.on(scripts.COMMIT, place, (*ask, *_changes(batch, names)), values)
            code = reply[0]
            if code == DONE:
                await self._done(place, base, batch, reply, is_new=until_ms >= 0 and reply[3] == 1, mark=mark)
                return True
            if code == REFUSED:
                if reply[2][0] != NONE:
                    self._memory.told(place, base, reply[2])
                return False
            if code == NOTHING:
                return True
            if code == UNANNOUNCED:
                until_ms = await self._index.announce(place, reply[1])
            elif code == ASTRAY:
                stale = self._aliases.pop(name, b"")
            else:
                self._remember(name, reply[2])
        raise StoreDown(f"{name} leads astray again and again")

    async def _foreseen(self, name: str, batch: Batch) -> int:
        """Announce a partition before its first commit asks for that, where the commit is to make it.

        One that is there all the same is looked at a little sooner, which does no harm.

        Returns:
            As `Index.announce`; -1 where nothing was announced.
        """
        place, alias = self._place(name)
        makes = (batch.put or batch.append) and batch.expect and not any(batch.expect.values())
        times = self._runner.times_at(place)
        if alias or not makes or times is None or self._memory.find(place) is not None:
            return -1
        return await self._index.announce(place, times[0])

    def _epoch(self) -> str:
        """What tells a partition apart from all earlier ones of its name."""
        self._epochs += 1
        return f"{self._process}{self._epochs}"

    async def _done(self, place: str, base: Seen, batch: Batch, reply: Any, *, is_new: bool, mark: Mark | None) -> None:
        self._apply(place, base, batch, reply, mark)
        if is_new:
            await self._index.confirm(place, None if batch.ttl_ms is None else reply[1] + batch.ttl_ms)
        dropped = reply[5]
        for alias, id_ in zip(dropped[::2], dropped[1::2], strict=True):
            self._aliases.pop(alias.decode(), None)
            await self._index.unpoint(alias.decode(), id_, place)

    def _apply(self, place: str, base: Seen, batch: Batch, reply: Any, mark: Mark | None = None) -> None:
        """A batch was carried out: what the partition is now, and who waited for it."""
        _, _, told_epoch, rev, has_waited, _, news = reply
        epoch = told_epoch.decode()
        latest = self._memory.get(place)
        if batch.ends:
            self._memory.forget(place)
        elif news is not None:
            self._memory.told(place, base, news)
        elif rev == 1:
            self._memory.put(place, Seen(epoch, 0, {}, {}).after(batch, rev))
        elif latest.epoch == epoch and latest.rev == rev - 1:
            self._memory.put(place, latest.after(batch, rev))
        if has_waited:
            self._waits.ring(place, but=mark)
        if mark is not None:
            mark.is_noted = True

    async def _commit_named(self, name: str, batch: Batch) -> bool:
        """A commit that gives names: they point to the partition first, and count once it knows them."""
        place, _ = self._place(name)
        if self._memory.find(place) is None:
            await self.read(name)
            place, _ = self._place(name)
        pointers = {}
        for alias in dict.fromkeys(batch.aliases):
            if alias != place:
                key, _ = partition_keys(alias)
                pointers[alias] = await self._runner.run(
                    scripts.POINT, (key,), (self._epoch().encode(), place.encode())
                )
        is_done = await self._commit(name, batch, pointers)
        if is_done:
            for alias, id_ in pointers.items():
                self._remember(alias, id_ + b" " + place.encode())
        return is_done

    async def _end(self, name: str, batch: Batch) -> bool:
        view = await self.read(name)
        place, _ = self._place(name)
        due_ms = await self._index.claim(place, view.now_ms)
        is_done = await self._commit(name, batch)
        if is_done:
            await self._index.clear(place, due_ms)
        return is_done

    async def wait(self, name: str, seen: Mapping[str, int], timeout_s: float) -> None:
        """See `Store.wait`."""
        if self._waits.is_awake or timeout_s <= 0:
            return
        await self._channel.ready()
        place, alias = self._place(name)
        if self._waits.is_awake:
            return
        if self._waits.is_noted(place, seen):
            await self._waits.wait(place, timeout_s)
            return
        watching = asyncio.ensure_future(self._watch(place, alias, seen))
        try:
            await self._waits.wait(place, timeout_s, watching)
        finally:
            watching.cancel()

    async def _watch(self, place: str, alias: str, seen: Mapping[str, int]) -> bool:
        reply = await self._runner.on(scripts.WATCH, place, (alias, self._process, dict(seen)))
        return bool(reply[0])

    def _rung(self, message: bytes) -> None:
        """Another process has committed to a partition that this one waits for; often the message tells what."""
        try:
            rung = self._codec.rung(message)
        except StoreDown:
            self._waits.ring_all()
            return
        known = self._memory.find(rung.place)
        if known is not None:
            self._memory.heed(known, rung.since, rung.news)
        self._waits.ring(rung.place)

    is_immediate = False
    """See `Store.is_immediate`."""

    @property
    def is_settled(self) -> bool:
        """See `Store.is_settled`: without replicas to wait for, what Redis has answered is settled."""
        return self._servers.is_settled()

    @property
    def settling(self) -> int:
        """See `Store.settling`: everybody waits for replicas alone."""
        if self.is_settled:
            return 0
        self._waiters += 1
        return self._waiters

    def when_settled(self, callback: Callable[[BaseException | None], None]) -> None:
        """See `Store.when_settled`."""
        if self.is_settled:
            callback(None)
            return
        settling = asyncio.ensure_future(self.settle())
        self._sending.add(settling)

        def settled(settling: "asyncio.Future[None]") -> None:
            self._sending.discard(settling)
            callback(settling.exception())

        settling.add_done_callback(settled)

    async def settle(self) -> None:
        """See `Store.settle`."""
        await self._servers.settle()

    async def count(self, kind: str) -> int:
        """See `Store.count`."""
        return await self._index.count(kind)

    async def scan(self, kind: str) -> list[str]:
        """See `Store.scan`."""
        return await self._index.scan(kind)

    async def _review(self, name: str) -> Reply:
        reply = await self._runner.on(scripts.REVIEW, name, ())
        if not reply[0]:
            self._memory.forget(name)
        return reply

    def wake(self) -> None:
        """See `Store.wake`."""
        self._waits.wake()

    async def close(self) -> None:
        """See `Store.close`."""
        self.wake()
        if self._sending:
            await asyncio.wait(self._sending, timeout=TIMEOUT_S)
        await self._channel.close()
        await self._servers.close()


def _changes(batch: Batch, names: list[str]) -> tuple[Any, ...]:
    """The batch as the commit script takes it; values travel beside it."""
    return (
        -1 if batch.ttl_ms is None else batch.ttl_ms,
        int(batch.ends),
        batch.expect,
        list(batch.put),
        appends(batch),
        batch.release,
        names,
        batch.drops,
        batch.watch,
    )
