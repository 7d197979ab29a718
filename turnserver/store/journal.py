"""The journal store: memory, plus a write-ahead log that survives the process.

A commit is applied in memory at once and waits for its *group*: all commits of the same round of the event loop are
encoded into one row, written by one transaction. Whoever is about to reply calls `settle` first, and is let go when
everything before it is written; so a reply never shows what a kill could take back.

The log stays short by cleaning (`store.cleaning`): each group also takes some of the oldest rows away and writes an
image of every whole partition that still needs them. Start-up loads the images and replays the rows in order
(`store.replay`).

When the disk fails, the group that failed is kept and tried again every second; until it is written every reply is
refused, and so is every commit, before it changes anything.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec

from turnserver.events import Event, tell
from turnserver.histogram import Histogram
from turnserver.partition import Batch
from turnserver.store.cleaning import Cleaning
from turnserver.store.clock import going_on
from turnserver.store.entries import Change, Changed
from turnserver.store.figures import JournalFigures
from turnserver.store.gathering import GATHER_S, Gathering
from turnserver.store.images import Image, fill, image_of
from turnserver.store.log import PAGE_BYTES, Cleaned, Log, Row
from turnserver.store.memory import MemoryStore, Partition
from turnserver.store.replay import Replay
from turnserver.store.seam import StoreDown

RETRY_S = 1.0
"""How long a failed write waits before it is tried again."""

LOG_BYTES_LEAST = 8 * 1024 * 1024
"""A log shorter than this is not cleaned: start-up reads it in a second."""

CHECKPOINT_BYTES = 1024 * 1024
"""About how much is written between two checkpoints: little, because no reply leaves while one is under way."""

SLOW_COMMIT_S = 1.0
"""A commit that takes longer is told to the operator."""

LINGER_S = 0.01
"""How long a change that nobody is told of waits for others to be written with."""

_logger = logging.getLogger("turnserver.store")

Settled = Callable[[BaseException | None], None]
"""Called when a group is written, or with the error."""


class _Group(NamedTuple):
    row: Row
    cleaned: Cleaned
    waiters: list[Settled]


class JournalStore(MemoryStore):
    """Live state that survives a kill.

    Args:
        log: The open log; the store closes it.
        document_type: The union of all documents, for decoding.
        in_thread: True where a write can take long (it syncs): it then runs beside the event loop.
        log_bytes_least: A log shorter than this is not cleaned.
        retry_s: How long a failed write waits before it is tried again.
        monotonic_ns: The machine's clock, nanoseconds from anywhere; the store's own is made from it.
    """

    def __init__(
        self,
        log: Log,
        document_type: Any,
        *,
        in_thread: bool = False,
        log_bytes_least: int = LOG_BYTES_LEAST,
        retry_s: float = RETRY_S,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._log = log
        self._in_thread = in_thread
        self._cleaning = Cleaning(
            lambda partition: self._partitions.get(partition.name) is partition, log_bytes_least=log_bytes_least
        )
        self._retry_s = retry_s
        self._monotonic_ns = monotonic_ns
        self._encode = msgspec.msgpack.Encoder().encode
        self._document_type = document_type
        self._pending: list[Any] = []
        self.settling = 0
        self._waiters: list[Settled] = []
        self._writing: _Group | None = None
        self._failed: _Group | None = None
        self._failure = ""
        self._is_busy = self._is_closing = self._is_scheduled = False
        self._gathering = Gathering()
        self._gathers: asyncio.TimerHandle | None = None
        self._lingers: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._newest_row = self._opened_row = 0
        self._took = Histogram()
        self._started_s = self._checked_at_s = 0.0
        self._unchecked_bytes = 0
        self._retrying: asyncio.TimerHandle | None = None
        try:
            self._replay()
        except BaseException:
            log.close()
            raise

    def _replay(self) -> None:
        """Bring memory to what the log tells. The clock goes on from the last row: downtime is nobody's silence."""
        at_ms = time.time_ns() // 1_000_000
        super().__init__(lambda: at_ms)
        replay = Replay(self._log, self._document_type)
        for number, image in replay.images():
            self._cleaning.found(self._filled(image), number)
        for row, entries, images in replay.rows():
            for entry in entries:
                self._restore(entry)
            for number, image in images:
                self._cleaning.found(self._filled(image), number)
            self._newest_row, at_ms = row.number, row.at_ms
            self._cleaning.added(row.number, len(row.entries))
        self._opened_row = self._newest_row
        self.now_ms = going_on(at_ms, self._monotonic_ns)
        self.opened_ms = at_ms
        self._rearm()

    def _filled(self, image: Image[Any]) -> Partition:
        """A new partition as its image says."""
        partition = self._begin(image.name)
        fill(partition, image)
        self._apply(partition, Batch(ttl_ms=image.ttl_ms, aliases=image.aliases), self.opened_ms)
        return partition

    def _restore(self, entry: Change[Any] | Image[Any]) -> None:
        """Let happen again what a row tells."""
        found = self._partitions.get(entry.name)
        if isinstance(entry, Image):
            if found is not None:
                self._cleaning.end(found)
                self._forget(found)
            self._cleaning.mark(self._filled(entry))
        elif found is not None or not entry.ends:
            found = found or self._begin(entry.name)
            (self._cleaning.end if entry.ends else self._cleaning.mark)(found)
            self._apply(found, entry.batch, self.opened_ms)

    def _rearm(self) -> None:
        """Give every partition its whole span again, from now on."""
        self._calendar.clear()
        self._page = self.opened_ms // 1000
        for name, partition in self._partitions.items():
            if name == partition.name and partition.ttl_ms is not None:
                partition.ends_ms = None
                self._prolong(partition, self.opened_ms, partition.ttl_ms)

    def _check_works(self) -> None:
        if self._failed is not None:
            raise StoreDown(self._failure)

    def _record(self, partition: Partition, batch: Batch) -> None:
        name = partition.name
        change = Change(
            name, batch.put, batch.append, batch.release, batch.ttl_ms, batch.aliases, batch.ends, batch.drops
        )
        if batch.ends:
            self._cleaning.end(partition)
        self.note(partition, change)

    def _record_end(self, partition: Partition) -> None:
        self._cleaning.end(partition)
        self.note(partition, Change(partition.name, {}, {}, {}, None, (), ends=True))

    notes = True
    """See `MemoryStore.notes`."""

    def note(self, partition: Partition, change: Changed | Change[Any]) -> None:
        """See `MemoryStore.note`."""
        if not partition.is_dirty:  # asked here too: a call for each update is not free
            self._cleaning.mark(partition)
        self._pending.append(change)
        if len(self._pending) == 1:
            self.settling = self._newest_row + 1
            self._schedule()
        elif self._lingers is not None:
            self._lingered(self._lingers)
        if self._gathers is not None and len(self._pending) >= self._gathering.enough:
            self._gather_no_more(self._gathers)

    def note_quietly(self, partition: Partition, change: Changed | Change[Any]) -> None:
        """See `MemoryStore.note_quietly`: it waits for the next that somebody is told of, and not for long."""
        self._cleaning.mark(partition)
        self._pending.append(change)
        if len(self._pending) == 1:
            self.settling = self._newest_row + 1
            self._lingers = asyncio.get_running_loop().call_later(LINGER_S, self._schedule)

    def _lingered(self, timer: asyncio.TimerHandle) -> None:
        timer.cancel()
        self._lingers = None
        self._schedule()

    def _schedule(self) -> None:
        """Write when this round of the event loop is over: whoever commits until then comes along.

        Where the latest group was written just now, wait a moment for others to come.
        """
        if self._is_scheduled or self._is_busy or self._failed is not None:
            return
        self._is_scheduled = True
        loop = asyncio.get_running_loop()
        is_close = time.perf_counter() - self._started_s < GATHER_S
        if is_close and len(self._pending) < self._gathering.enough:
            self._gathers = loop.call_later(GATHER_S, self._gathered_in_vain)
            return
        if is_close:
            self._gathering.filled()
        loop.call_soon(self._write_pending)

    def _gather_no_more(self, timer: asyncio.TimerHandle) -> None:
        timer.cancel()
        self._gathers = None
        self._gathering.filled(has_waited=True)
        asyncio.get_running_loop().call_soon(self._write_pending)

    def _gathered_in_vain(self) -> None:
        self._gathers = None
        self._gathering.in_vain(len(self._pending))
        self._write_pending()

    def _write_pending(self) -> None:
        self._is_scheduled = False
        if self._pending and not self._is_busy and self._failed is None:
            self._start(self._group())

    def _group(self) -> _Group:
        cleaned = self._cleaning.step(self._newest_row + 1)
        row = Row(self._newest_row + 1, self.now_ms(), self._encode(self._pending))
        waiters, self._waiters, self._pending = self._waiters, [], []
        if self._lingers is not None:
            self._lingers.cancel()
            self._lingers = None
        self._newest_row = row.number
        self._cleaning.added(row.number, len(row.entries))
        self._unchecked_bytes += len(row.entries) + 2 * PAGE_BYTES
        for image in cleaned.images:
            self._unchecked_bytes += len(image.image) + PAGE_BYTES
        return _Group(row, cleaned, waiters)

    def _start(self, group: _Group) -> None:
        self._writing = group
        self._started_s = time.perf_counter()
        if self._in_thread:
            self._beside_the_loop(lambda: self._write(group), self._written)
            return
        error = None
        try:
            self._write(group)
        except StoreDown as failure:
            error = failure
        self._written(error)

    def _write(self, group: _Group) -> None:
        self._log.write(group.row, group.cleaned)

    def _beside_the_loop(self, work: Callable[[], None], then: Callable[[BaseException | None], None]) -> None:
        """Run `work`, which uses the log, in the thread; nothing else uses the log until `then` was called."""
        self._is_busy = True

        def done(future: "asyncio.Future[None]") -> None:
            self._is_busy = False
            then(future.exception())

        asyncio.get_running_loop().run_in_executor(self._thread, work).add_done_callback(done)

    def _written(self, error: BaseException | None) -> None:
        """A group is written, or has failed: let those go who wait for it, and go on."""
        group, self._writing = self._writing, None
        assert group is not None
        if error is not None:
            self._fail(group, error)
            return
        self._failure = ""
        self.is_failing = False
        if not self._pending:
            self.settling = 0
        for settled in group.waiters:
            settled(None)
        self._note_time(time.perf_counter() - self._started_s)
        if self._unchecked_bytes > CHECKPOINT_BYTES:
            self._unchecked_bytes = 0
            self._begin_checkpoint()
        elif self._pending:
            self._schedule()

    def _note_time(self, seconds: float) -> None:
        self._took.add(seconds)
        if seconds > SLOW_COMMIT_S:
            tell(_logger, Event.SLOW_COMMIT, seconds=round(seconds, 3))

    def _begin_checkpoint(self) -> None:
        """Checkpoint; what the disk has to take for it is handed to it beforehand, while the journal goes on."""
        if self._in_thread:  # each row is on the disk already
            self._checkpoint()
        else:
            flushing = asyncio.get_running_loop().run_in_executor(self._thread, self._log.flush)
            flushing.add_done_callback(lambda _: self._checkpoint())
            if self._pending:
                self._schedule()

    def _checkpoint(self) -> None:
        if not self._is_closing and self._failed is None:
            self._beside_the_loop(self._log.checkpoint, self._checked)

    def _checked(self, error: BaseException | None) -> None:
        """A checkpoint is done. One that failed loses nothing: the WAL file keeps all, and the next tries again."""
        if error is None:
            self._checked_at_s = time.time()
        if self._pending:
            self._schedule()

    def _fail(self, group: _Group, error: BaseException) -> None:
        self._failure = str(error)
        self.is_failing = True
        waiters, self._waiters = (*group.waiters, *self._waiters), []
        self._failed = group._replace(waiters=[])
        for settled in waiters:
            settled(StoreDown(self._failure))
        self._retrying = asyncio.get_running_loop().call_later(self._retry_s, self._retry)

    def _retry(self) -> None:
        group, self._failed = self._failed, None
        if group is not None:
            self._start(group)

    @property
    def figures(self) -> JournalFigures:
        """The journal as it is now."""
        database_bytes, wal_bytes = self._log.file_bytes()
        return JournalFigures(
            self._newest_row - self._opened_row,
            self._cleaning.log_rows,
            self._cleaning.log_bytes,
            database_bytes,
            wal_bytes,
            self._checked_at_s,
            bool(self._failure),
            self._took,
        )

    def images(self) -> Iterator[Image[Any]]:
        """Every partition, whole, as they were when the store was opened: all of them live then."""
        return (image_of(found) for name, found in self._partitions.items() if name == found.name)

    def when_settled(self, callback: Settled) -> None:
        """See `Store.when_settled`."""
        if self._failed is not None:
            callback(StoreDown(self._failure))
        elif self._pending:
            self._waiters.append(callback)
            if self._lingers is not None:
                self._lingered(self._lingers)
        elif self._writing is not None:
            self._writing.waiters.append(callback)
        else:
            callback(None)

    async def close(self) -> None:
        """See `Store.close`. What failed to be written is tried one last time."""
        self._is_closing = True
        await super().close()
        if self._retrying is not None:
            self._retrying.cancel()
            self._retry()
        try:
            await self.settle()
        finally:
            if self._retrying is not None:
                self._retrying.cancel()
            self._thread.shutdown()
            self._log.close()
