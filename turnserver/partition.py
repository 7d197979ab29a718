"""The values at the seam between rules and stores: what a read shows, and what a commit does.

A *partition* is what changes together: one match, one room, one registration, one waiting line. It holds *documents*
(a frozen value each) and *streams* (of byte strings). Every name in it has a counter: a document counts its writes, a
stream its items; 0 means that nothing of that name was ever written. `expect` compares these counters, so it is
compare-and-swap, compare-and-append and safe retry at once.

Source: docs/architecture.md, "Partitions".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field


class Stream(Struct, frozen=True, gc=False):
    """A counted stream as it was when read.

    Offsets count from 0 and never repeat: items `first` to `next - 1` are kept, those before `first` are released.
    `size` is the kept items' bytes, one more for each joining bar between two of them.
    """

    log: list[bytes]
    """Shared by the stream's later values: only ever appended to. Read it through `after`."""
    skip: int
    first: int
    next: int
    size: int

    def after(self, offset: int) -> list[bytes]:
        """The kept items from `offset` (at least `first`) on, oldest first."""
        start = self.skip + offset - self.first
        return self.log[start : self.skip + self.next - self.first]

    def appended(self, items: Sequence[bytes]) -> "Stream":
        """The stream with `items` at its end."""
        if not items:
            return self
        kept = self.next - self.first
        is_newest = kept and len(self.log) == self.skip + kept
        log, skip = (self.log, self.skip) if is_newest else (self.after(self.first), 0)
        log.extend(items)
        size = self.size + len(items) - (not kept)  # no bar before the first one kept
        for item in items:
            size += len(item)
        return Stream(log, skip, self.first, self.next + len(items), size)

    def released(self, upto: int) -> "Stream":
        """The stream without the items before offset `upto`; what is released stays released."""
        if upto <= self.first:
            return self
        upto = min(upto, self.next)
        if upto == self.next:
            return Stream([], 0, upto, upto, 0)
        log, skip = self.log, self.skip + upto - self.first
        gone = log[self.skip : skip]
        size = self.size - sum(map(len, gone)) - len(gone)
        if skip > len(log) // 2:  # copied once in as many releases as it is long
            log, skip = log[skip : skip + self.next - upto], 0
        return Stream(log, skip, upto, self.next, size)


EMPTY = Stream([], 0, 0, 0, 0)
"""A stream that nothing was appended to; what `appended` makes of it has a log of its own."""


class Document(Struct, frozen=True, array_like=True, gc=False):
    """A document and the count of its writes, 1 or more."""

    version: int
    value: Any


class View(Struct, frozen=True, gc=False):
    """A partition as it was when read. Later commits do not show in it."""

    documents: Mapping[str, Document]
    streams: Mapping[str, Stream]
    now_ms: int
    """The store's clock when it was read. It stands still while the store is down."""
    opened_ms: int
    """The store's clock when it was opened or last became reachable: nobody could be heard before."""

    @property
    def exists(self) -> bool:
        """False for a partition that was never written, or has ended."""
        return bool(self.documents or self.streams)

    def value(self, name: str) -> Any:
        """The document of that name, or None."""
        found = self.documents.get(name)
        return None if found is None else found.value

    def stream(self, name: str) -> Stream:
        """The stream of that name; empty if nothing was ever appended."""
        return self.streams.get(name, EMPTY)

    def counter(self, name: str) -> int:
        """How often the document was written, or how many items the stream ever got; 0 for neither."""
        found = self.documents.get(name)
        return found.version if found is not None else self.stream(name).next

    def after(self, put: Mapping[str, Any], append: Mapping[str, Sequence[bytes]]) -> "View":
        """The partition as it will be once a batch with no more than this was committed."""
        streams = with_items(self.streams, append) if append else self.streams
        return View(with_documents(self.documents, put), streams, self.now_ms, self.opened_ms)


def with_documents(documents: Mapping[str, Document], put: Mapping[str, Any]) -> Mapping[str, Document]:
    """The documents of a partition, some of them written once more."""
    changed = dict(documents)
    for name, value in put.items():
        found = changed.get(name)
        changed[name] = Document(1 if found is None else found.version + 1, value)
    return changed


def with_items(streams: Mapping[str, Stream], append: Mapping[str, Sequence[bytes]]) -> Mapping[str, Stream]:
    """The streams of a partition, with items at the ends of some of them."""
    changed = dict(streams)
    for name, items in append.items():
        changed[name] = changed.get(name, EMPTY).appended(items)
    return changed


_NONE: Mapping[str, Any] = {}


class Batch(Struct, frozen=True, gc=False):
    """What one commit does to one partition, whole or not at all."""

    expect: Mapping[str, int] = field(default_factory=lambda: _NONE)
    """The counters that the batch relies on; a document that must not exist is expected at 0."""
    put: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    """Documents to write."""
    append: Mapping[str, Sequence[bytes]] = field(default_factory=lambda: _NONE)
    """Items to append to streams."""
    release: Mapping[str, int] = field(default_factory=lambda: _NONE)
    """Offsets up to which streams are released."""
    ttl_ms: int | None = None
    """How long the partition lives after this commit if no other follows; None leaves the span as it was."""
    aliases: Sequence[str] = ()
    """Further names under which the partition is found from now on."""
    drops: Sequence[str] = ()
    """Names among its aliases under which the partition is no longer found."""
    ends: bool = False
    """True ends the partition: nothing of it is left, under any of its names."""
    watch: Sequence[str] = ()
    """Expected names that the committer will wait for next, if it is carried out; a distant store may note that."""
    lasting: bool = True
    """False for what may be forgotten when the server is killed: a sign of life, nothing else."""
