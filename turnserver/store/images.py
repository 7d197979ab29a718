"""A whole partition as one value: how the journal keeps it, and how it travels from one store to another."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

Value = TypeVar("Value")


class Image(Struct, Generic[Value], array_like=True, frozen=True, gc=False, tag=1):
    """A whole partition: documents with their versions, streams with the offset of their first item."""

    name: str
    documents: Mapping[str, tuple[int, Value]]
    streams: Mapping[str, tuple[int, Sequence[bytes]]]
    ttl_ms: int | None
    aliases: Sequence[str]
