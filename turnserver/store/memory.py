"""The memory store: the executable specification of the seam, and the live half of the journal.

A partition's documents and streams are frozen values in two dictionaries that a commit replaces and never changes, so
a view is just a reference to them. Nothing here ever suspends but `wait`; who waits stands in `store.waits`.

A partition ends by itself. Each stands in one bucket of a calendar (a list for every second); when its second is over
it either ends or, having been prolonged meanwhile, moves to a later bucket. Commits and counts turn the calendar's
pages, a bounded number of entries each, so no task runs in the background and none ever stalls the loop.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from turnserver.partition import EMPTY, Batch, Document, Stream, View, with_documents, with_items
from turnserver.store.entries import Changed
from turnserver.store.waits import Place, Wait, Waits, Wake

CALENDAR_ENTRIES_PER_TURN = 64
"""How many due partitions one commit or count looks at: more than it can create, so the calendar catches up."""

_NOTHING: Mapping[str, Any] = {}


class Cache(Protocol):
    """A partition in a form of its own that somebody changes in place; a write-back cache of one partition."""

    def write_back(self) -> None:
        """Bring the partition's documents and streams up to date."""
        ...

    def invalidate(self) -> None:
        """The partition was changed by a commit."""
        ...

    def forget(self) -> None:
        """The partition has ended."""
        ...


class Partition(Place):
    """One live partition. `documents` and `streams` are replaced, never changed."""

    __slots__ = ("aliases", "cache", "documents", "ends_ms", "image", "is_dirty", "name", "streams", "ttl_ms")

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.documents: Mapping[str, Document] = _NOTHING
        self.streams: Mapping[str, Stream] = _NOTHING
        self.aliases: tuple[str, ...] = ()
        self.ttl_ms: int | None = None
        self.ends_ms: int | None = None
        self.cache: Cache | None = None
        """Often ahead of documents and streams, which are brought up to date before anybody sees them."""
        self.image = 0
        """The number of its image in the log, 0 if there is none; used by the journal alone."""
        self.is_dirty = False
        """Whether that image lacks something; used by the journal alone."""

    def counter(self, name: str) -> int:
        """The counter of a document or stream, 0 for neither."""
        found = self.documents.get(name)
        return found.version if found is not None else self.streams.get(name, EMPTY).next


class MemoryStore:
    """Live state that ends with the process.

    Args:
        clock: Milliseconds, never going back; the origin does not matter.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self.now_ms = clock
        self.opened_ms = clock()
        self._partitions: dict[str, Partition] = {}
        self._counts: Counter[str] = Counter()
        self._calendar: dict[int, list[Partition]] = {}
        self._page = self.opened_ms // 1000
        self._waits = Waits()
        self._is_awake = False

    async def read(self, name: str) -> View:
        """See `Store.read`."""
        now_ms = self.now_ms()
        found = self._partitions.get(name)
        if found is not None and found.ends_ms is not None and found.ends_ms <= now_ms:
            self._end(found)  # written down, so that what a client was told is gone stays gone
            found = None
        if found is None:
            return View(_NOTHING, _NOTHING, now_ms, self.opened_ms)
        if found.cache is not None:
            found.cache.write_back()
        return View(found.documents, found.streams, now_ms, self.opened_ms)

    def glance(self, name: str) -> View | None:
        """See `Store.glance`: nobody else could move it."""
        found = self._partitions.get(name)
        if found is None:
            return None
        if found.cache is not None:
            found.cache.write_back()
        return View(found.documents, found.streams, self.now_ms(), self.opened_ms)

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        now_ms = self.now_ms()
        if now_ms // 1000 > self._page:
            self._turn_pages(now_ms)
        found = self._partitions.get(name)
        if found is not None and found.ends_ms is not None and found.ends_ms <= now_ms:
            self._end(found)
            found = None
        if found is not None and found.cache is not None:
            found.cache.write_back()
        if not self._holds(found, batch.expect):
            return False
        if found is None and (batch.ends or not (batch.put or batch.append)):
            return True
        if batch.lasting:
            self._check_works()
        if found is None:
            found = self._begin(name)
        if batch.lasting:
            self._record(found, batch)
        self._apply(found, batch, now_ms)
        return True

    @staticmethod
    def _holds(found: Partition | None, expect: Mapping[str, int]) -> bool:
        for name, counter in expect.items():  # noqa: SIM110  # on the hot path a generator costs more than all the rest
            if (0 if found is None else found.counter(name)) != counter:
                return False
        return True

    def _check_works(self) -> None:
        """What the journal adds: it raises StoreDown while nothing can be made durable."""

    def _record(self, partition: Partition, batch: Batch) -> None:
        """What the journal adds: it writes the batch down, which is about to be applied."""

    def _record_end(self, partition: Partition) -> None:
        """What the journal adds when a partition's time is over."""

    def _begin(self, name: str) -> Partition:
        partition = self._partitions[name] = Partition(name)
        self._counts[name.partition(":")[0]] += 1
        return partition

    def _apply(self, partition: Partition, batch: Batch, now_ms: int) -> None:
        if batch.ends:
            self._forget(partition)
            return
        if batch.put:
            partition.documents = with_documents(partition.documents, batch.put)
        if batch.release:
            partition.streams = _released(partition.streams, batch.release)
        if batch.append:
            partition.streams = with_items(partition.streams, batch.append)
        if batch.aliases or batch.drops:
            self._rename(partition, batch)
        if batch.ttl_ms is not None:
            partition.ttl_ms = batch.ttl_ms
        if partition.ttl_ms is not None:
            self._prolong(partition, now_ms, partition.ttl_ms)
        if partition.cache is not None:
            partition.cache.invalidate()
        if partition.waits:
            partition.ring_moved()

    def _rename(self, partition: Partition, batch: Batch) -> None:
        for alias in batch.aliases:
            if self._partitions.get(alias) is not partition:
                self._partitions[alias] = partition
                partition.aliases += (alias,)
        gone = frozenset(batch.drops).intersection(partition.aliases)
        for alias in gone:
            del self._partitions[alias]
        partition.aliases = tuple(alias for alias in partition.aliases if alias not in gone)

    def _prolong(self, partition: Partition, now_ms: int, ttl_ms: int) -> None:
        """Let the partition live its span from now on; it enters the calendar once and is moved there when due."""
        is_new = partition.ends_ms is None
        partition.ends_ms = now_ms + ttl_ms
        if is_new:
            self._calendar.setdefault(partition.ends_ms // 1000, []).append(partition)

    def _turn_pages(self, now_ms: int) -> None:
        left = CALENDAR_ENTRIES_PER_TURN
        while left > 0 and self._page < now_ms // 1000:
            due = self._calendar.get(self._page)
            while due and left > 0:
                self._review(due.pop(), now_ms)
                left -= 1
            if not due:
                self._calendar.pop(self._page, None)
                self._page = self._next_page(now_ms // 1000)

    def _next_page(self, latest: int) -> int:
        """The next second, or after a long quiet the next that has entries."""
        if latest - self._page <= CALENDAR_ENTRIES_PER_TURN:
            return self._page + 1
        return min((second for second in self._calendar if self._page < second < latest), default=latest)

    def _review(self, partition: Partition, now_ms: int) -> None:
        if self._partitions.get(partition.name) is not partition or partition.ends_ms is None:
            return
        if partition.ends_ms <= now_ms:
            self._end(partition)
        else:
            self._calendar.setdefault(partition.ends_ms // 1000, []).append(partition)

    def _end(self, partition: Partition) -> None:
        self._record_end(partition)
        self._forget(partition)

    def _forget(self, partition: Partition) -> None:
        for name in (partition.name, *partition.aliases):
            del self._partitions[name]
        self._counts[partition.name.partition(":")[0]] -= 1
        if partition.cache is not None:
            partition.cache.forget()
        partition.documents = partition.streams = _NOTHING  # whoever still has the partition need not keep them
        partition.ring_all()

    async def wait(self, name: str, seen: Mapping[str, int], timeout_s: float) -> None:
        """See `Store.wait`."""
        places = self._unmoved(((name, seen),)) if timeout_s > 0 else ()
        if not places:
            return
        loop = asyncio.get_running_loop()
        woken = loop.create_future()

        def wake(_line: bytes | None) -> None:
            if not woken.done():
                woken.set_result(None)

        wait = self._waits.begin(places, (seen,), loop.time() + timeout_s, wake)
        try:
            await woken
        finally:
            wait.end()

    def watch(self, seen: Sequence[tuple[str, Mapping[str, int]]], until_s: float, wake: Wake) -> Wait:
        """See `ImmediateStore.watch`."""
        places = self._unmoved(seen)
        if not places:
            return self._waits.begin_ended(wake)
        return self._waits.begin(places, [counters for _, counters in seen], until_s, wake)

    def watch_read(self, partition: Partition, seen: Mapping[str, int], until_s: float, wake: Wake) -> Wait:
        """As `watch`, for who has just read the partition."""
        return self._waits.begin((partition,), (seen,), until_s, wake)

    def _unmoved(self, seen: Sequence[tuple[str, Mapping[str, int]]]) -> Sequence[Partition]:
        """The partitions that are to be waited for; none where there is something to see already."""
        if self._is_awake:
            return ()
        now_ms = self.now_ms()
        places: tuple[Partition, ...] = ()
        for name, counters in seen:
            found = self._partitions.get(name)
            if found is None or (found.ends_ms is not None and found.ends_ms <= now_ms):
                return ()
            if found.cache is not None:
                found.cache.write_back()
            if found.has_moved(counters):
                return ()
            places += (found,)
        return places

    is_immediate = True
    """See `Store.is_immediate`."""

    def partition(self, name: str) -> Partition | None:
        """The live partition of that name or alias, for who is to keep a cache of it.

        Every change of the cache must prolong the partition, be told to `note` where this store `notes`, end the waits
        for what it has moved, and be made only while the store is not failing; and who changes nothing but caches turns
        the pages.
        """
        return self._partitions.get(name)

    notes = False
    """True if changes of caches must be noted."""

    def note(self, partition: Partition, change: Changed) -> None:
        """Make a change of a partition's cache as durable as a commit."""

    def note_quietly(self, partition: Partition, change: Changed) -> None:
        """As `note`, for a change that no reply will tell of before there is another one."""

    is_failing = False
    """True while nothing can be made durable."""

    def touch(self, partition: Partition, change: Changed, now_ms: int, *, is_told: bool) -> None:
        """Take note of a change of a cache that nobody waits for.

        Args:
            partition: Whose cache it is, while the store is not failing.
            change: What has changed, for the journal.
            now_ms: The store's clock.
            is_told: Whether a reply will tell of it now.
        """
        if now_ms // 1000 > self._page:
            self._turn_pages(now_ms)
        if partition.ttl_ms is not None:
            partition.ends_ms = now_ms + partition.ttl_ms
        if self.notes:
            (self.note if is_told else self.note_quietly)(partition, change)

    def replace(self, partition: Partition, after: View, change: Changed, *, is_told: bool) -> None:
        """Let a live partition be as `after` says, for who has read it in this round of the event loop.

        Args:
            partition: As for `touch`.
            after: What follows from it, with the time at which it does.
            change: As for `touch`.
            is_told: As for `touch`.
        """
        self.touch(partition, change, after.now_ms, is_told=is_told)
        partition.documents, partition.streams = after.documents, after.streams
        if partition.waits:
            partition.ring_moved()

    def turn_pages(self, now_ms: int) -> None:
        """Let partitions end whose time is over; commits do so by themselves."""
        if now_ms // 1000 > self._page:
            self._turn_pages(now_ms)

    settling = 0
    """See `Store.settling`."""

    @property
    def is_settled(self) -> bool:
        """See `Store.is_settled`: memory alone promises nothing beyond the process."""
        return not self.settling

    def when_settled(self, callback: Callable[[BaseException | None], None]) -> None:
        """See `Store.when_settled`."""
        callback(None)

    async def settle(self) -> None:
        """See `Store.settle`."""
        if self.is_settled:
            return
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def resolve(error: BaseException | None) -> None:
            if settled.done():  # who waited has gone away
                return
            if error is None:
                settled.set_result(None)
            else:
                settled.set_exception(error)

        self.when_settled(resolve)
        await settled

    async def count(self, kind: str) -> int:
        """See `Store.count`. Who finds all places taken commits nothing, so counting turns the pages too."""
        now_ms = self.now_ms()
        if now_ms // 1000 > self._page:
            self._turn_pages(now_ms)
        return self._counts[kind]

    async def scan(self, kind: str) -> list[str]:
        """See `Store.scan`."""
        now_ms = self.now_ms()
        return [
            name
            for name, found in self._partitions.items()
            if name.startswith(f"{kind}:") and name == found.name and (found.ends_ms is None or found.ends_ms > now_ms)
        ]

    def wake(self) -> None:
        """See `Store.wake`."""
        self._is_awake = True
        for partition in self._partitions.values():
            partition.ring_all()

    async def close(self) -> None:
        """See `Store.close`."""
        self.wake()


def _released(streams: Mapping[str, Stream], release: Mapping[str, int]) -> Mapping[str, Stream]:
    changed = dict(streams)
    for name, upto in release.items():
        if name in changed:
            changed[name] = changed[name].released(upto)
    return changed
