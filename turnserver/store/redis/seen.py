"""What this process has seen of partitions: the latest of those that it used last."""

from contextlib import suppress
from typing import Any

from turnserver.store.memory import Cache
from turnserver.store.redis.partitions import UNSEEN, Codec, Seen, partition_keys
from turnserver.store.redis.scripts import UNCHANGED
from turnserver.store.seam import StoreDown

SEEN_PARTITIONS_MAX = 50_000
"""Partitions that a process remembers; one that it does not is read whole again."""

SEEN_BYTES_MAX = 256 * 1024 * 1024
"""Bytes of their streams together."""


class Known:
    """A partition as this process knows it; a cache of it may be ahead, which tells of each change (`Memory.moved`)."""

    __slots__ = ("_seen", "bytes", "cache", "documents", "epoch", "key", "name", "rev", "streams")

    def __init__(self, name: str) -> None:
        self.name = name
        self.key, _ = partition_keys(name)
        self.cache: Cache | None = None
        self.bytes = 0
        """What its streams take, rather more than less."""
        self.be(UNSEEN)

    def be(self, seen: Seen) -> None:
        """Know this from now on, and nothing else."""
        self.epoch, self.rev = seen.epoch, seen.rev
        self.documents, self.streams = seen.documents, seen.streams
        self._seen: Seen | None = seen
        if self.cache is not None:
            self.cache.invalidate()

    def moved(self, rev: int) -> None:
        """The cache tells what it is at this revision."""
        self.rev = rev
        self._seen = None

    @property
    def seen(self) -> Seen:
        """What is known."""
        if self._seen is None:
            assert self.cache is not None
            self.cache.write_back()
            self._seen = Seen(self.epoch, self.rev, self.documents, self.streams)
        return self._seen


class Memory:
    """The latest that is known of each partition, of the latest that were used.

    Args:
        codec: Reads news.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._known: dict[str, Known] = {}
        self._bytes = 0

    def get(self, name: str) -> Seen:
        """What was seen of a partition last."""
        known = self._known.get(name)
        return UNSEEN if known is None else known.seen

    def find(self, name: str) -> Known | None:
        """The partition, if anything is known of it."""
        return self._known.get(name)

    def put(self, name: str, seen: Seen) -> None:
        """This was seen, and nothing newer."""
        known = self._known.get(name) or Known(name)
        known.be(seen)
        self._use(known, sum(stream.size for stream in seen.streams.values()))

    def told(self, name: str, base: Seen, news: Any) -> Seen:
        """What a partition is, from what has changed since `base`; it is remembered, unless something newer is known.

        Raises:
            StoreDown: The news cannot be read.
        """
        if news[0] == UNCHANGED:
            return base
        seen = self._codec.told(base, news)
        latest = self.get(name)
        if latest.epoch != seen.epoch or latest.rev < seen.rev:
            self.put(name, seen)
        return seen

    def heed(self, known: Known, since: int, news: Any) -> None:
        """Take over what has changed since a revision, if that or a later one of the same epoch is known.

        News that cannot be read are left alone: whoever reads the partition will say so. None is no news.
        """
        if news is None or news[0] == UNCHANGED or self._known.get(known.name) is not known:
            return
        if known.epoch == news[2].decode() and known.rev >= since:
            with suppress(StoreDown):
                self.told(known.name, known.seen, news)

    def moved(self, known: Known, rev: int, more_bytes: int) -> None:
        """The cache of a partition is at this revision; its streams take so much more."""
        known.moved(rev)
        self._use(known, known.bytes + more_bytes)

    def _use(self, known: Known, size: int) -> None:
        self._bytes += size - known.bytes
        known.bytes = size
        self._known.pop(known.name, None)
        self._known[known.name] = known
        while len(self._known) > SEEN_PARTITIONS_MAX or (self._bytes > SEEN_BYTES_MAX and len(self._known) > 1):
            self.forget(next(iter(self._known)))

    def forget(self, name: str) -> None:
        """The partition is over, or was not used for long."""
        known = self._known.pop(name, None)
        if known is not None:
            self._bytes -= known.bytes
            if known.cache is not None:
                known.cache.forget()

    def clear(self) -> None:
        """Nothing of it may be true any more."""
        for name in list(self._known):
            self.forget(name)
