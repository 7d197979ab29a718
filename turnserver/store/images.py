"""A whole partition as one value: how the journal keeps it, and how it travels from one store to another."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

from turnserver.partition import EMPTY, Document, Stream
from turnserver.store.memory import Partition

Value = TypeVar("Value")


IMAGE = 1
"""What an `Image` begins with when it is written."""


class Image(Struct, Generic[Value], array_like=True, frozen=True, gc=False, tag=IMAGE):
    """A whole partition: documents with their versions, streams with the offset of their first item."""

    name: str
    documents: Mapping[str, tuple[int, Value]]
    streams: Mapping[str, tuple[int, Sequence[bytes]]]
    ttl_ms: int | None
    aliases: Sequence[str]


def image_of(partition: Partition) -> Image[Any]:
    """A partition of this process, whole."""
    _, name, documents, streams, ttl_ms, aliases = as_written(partition)
    documents = {name: (document.version, document.value) for name, document in documents.items()}
    return Image(name, documents, streams, ttl_ms, aliases)


def as_written(partition: Partition) -> tuple[Any, ...]:
    """What is written like `image_of`, and is made sooner: a document is written as its two parts are."""
    if partition.cache is not None:
        partition.cache.write_back()
    streams = {name: (stream.first, stream.after(stream.first)) for name, stream in partition.streams.items()}
    return (IMAGE, partition.name, partition.documents, streams, partition.ttl_ms, partition.aliases)


def fill(partition: Partition, image: Image[Any]) -> None:
    """Give a new partition the documents and streams of an image."""
    partition.documents = {name: Document(*document) for name, document in image.documents.items()}
    partition.streams = {name: _stream(*stream) for name, stream in image.streams.items()}


def _stream(first: int, items: Sequence[bytes]) -> Stream:
    return Stream(EMPTY.log, 0, first, first, 0).appended(items)
