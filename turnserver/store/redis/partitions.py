"""How partitions are called in Redis, and how batches and news of them travel."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from turnserver.partition import EMPTY, Batch, Document, Stream
from turnserver.store.redis.scripts import CHANGED
from turnserver.store.seam import StoreDown

_NOTHING: Mapping[str, Any] = {}
_KEY_HEAD = b"turn:{"
_pack = msgspec.msgpack.Encoder().encode


class Seen(Struct, frozen=True):
    """A partition as it was at one revision. It never changes; what is told later makes a new one."""

    epoch: str
    rev: int
    documents: Mapping[str, Document]
    streams: Mapping[str, Stream]

    @property
    def nexts(self) -> dict[str, int]:
        """How far each stream was seen."""
        return {name: stream.next for name, stream in self.streams.items()}

    def after(self, batch: Batch, rev: int) -> "Seen":
        """What it is after a batch that was carried out next."""
        documents, streams = self.documents, self.streams
        if batch.put:
            documents = dict(documents)
            for name, value in batch.put.items():
                found = documents.get(name)
                documents[name] = Document(1 if found is None else found.version + 1, value)
        if batch.append or batch.release:
            streams = dict(streams)
            for name, upto in batch.release.items():
                if name in streams:
                    streams[name] = streams[name].released(upto)
            for name, items in batch.append.items():
                streams[name] = streams.get(name, EMPTY).appended(items)
        return Seen(self.epoch, rev, documents, streams)


UNSEEN = Seen("", 0, _NOTHING, _NOTHING)


class Codec:
    """Documents as bytes and back.

    Args:
        document_type: The union of all documents.
    """

    def __init__(self, document_type: Any) -> None:
        self._decode: Callable[[bytes], Any] = msgspec.msgpack.Decoder(document_type).decode
        parts = list[str | int]
        self._head_in = msgspec.msgpack.Decoder(tuple[str, int, str, int, parts, parts, list[int]]).decode

    def told(self, base: Seen, news: Sequence[Any]) -> Seen:
        """What a partition is, from what has changed in it since `base`.

        Raises:
            StoreDown: A document cannot be read: a newer version of the server has written it.
        """
        _, _, told_epoch, rev, changed, moved, values = news
        epoch = told_epoch.decode()
        documents, streams = ({}, {}) if epoch != base.epoch else (dict(base.documents), dict(base.streams))
        try:
            for at in range(0, len(changed), 2):
                documents[changed[at].decode()] = Document(changed[at + 1], self._decode(values[at // 2]))
        except msgspec.DecodeError as error:
            raise StoreDown(f"a document in Redis cannot be read: {error}") from error
        start = len(changed) // 2
        for at in range(0, len(moved), 4):
            key, first, upto, since = moved[at : at + 4]
            name = key.decode()
            items = values[start : start + upto - since]
            start += upto - since
            known = streams.get(name, EMPTY)
            if known.next < since:  # the rest of what was known is released
                known = Stream([], 0, since, since, 0)
            streams[name] = known.appended(items[known.next - since :]).released(first)
        return Seen(epoch, rev, documents, streams)

    def rung(self, message: bytes) -> "Rung":
        """What a message to this process tells, in either form.

        Raises:
            StoreDown: It cannot be read.
        """
        if message.startswith(_KEY_HEAD):  # where nothing is told of it, and from processes of older versions
            return Rung(name_of(message))
        try:
            values_at = 4 + int.from_bytes(message[:4], "big")
            key, since, epoch, rev, changed, moved, lengths = self._head_in(message[4:values_at])
        except msgspec.DecodeError as error:
            raise StoreDown(f"a message in Redis cannot be read: {error}") from error
        values = []
        for length in lengths:
            values.append(message[values_at : values_at + length])
            values_at += length
        named = [part if isinstance(part, int) else part.encode() for part in changed]
        streams = [part if isinstance(part, int) else part.encode() for part in moved]
        return Rung(name_of(key.encode()), since, (CHANGED, 0, epoch.encode(), rev, named, streams, values))


def items_of(news: Sequence[Any], name: str) -> Sequence[bytes]:
    """The new items of one stream among news."""
    _, _, _, _, changed, moved, values = news
    start, key = len(changed) // 2, name.encode()
    for at in range(0, len(moved), 4):
        count = moved[at + 2] - moved[at + 3]
        if moved[at] == key:
            found: Sequence[bytes] = values[start : start + count]
            return found
        start += count
    return ()


class Rung(Struct, frozen=True):
    """A partition that this process waits for has moved."""

    place: str
    since: int = 0
    """`news` are of use to who knows this revision, or a later one."""
    news: Sequence[Any] | None = None


def put_values(batch: Batch) -> list[bytes]:
    """The values of a batch as the commit script takes them: documents, then items."""
    values = [_pack(value) for value in batch.put.values()]
    for items in batch.append.values():
        values.extend(items)
    return values


def appends(batch: Batch) -> list[str | int]:
    """Which streams get how many of the items."""
    return [part for name, items in batch.append.items() for part in (name, len(items))]


def packed(*parts: Any) -> bytes:
    """Plain values as a script unpacks them."""
    return _pack(parts)


def partition_keys(name: str) -> tuple[bytes, bytes]:
    """The partition's keys, with one hash tag: what is in it, and its aliases."""
    key = b"%b%b}" % (_KEY_HEAD, name.encode())
    return key, key + b":names"


def name_of(key: bytes) -> str:
    """The partition whose first key it is."""
    return key[len(_KEY_HEAD) : -1].decode()


def index_key(kind: str) -> bytes:
    """Where the names of all partitions of a kind are."""
    return b"turn:index:{%b}" % kind.encode()
