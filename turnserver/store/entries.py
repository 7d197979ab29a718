"""What the journal's rows hold beside images (`store.images`): changes of partitions."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

Value = TypeVar("Value")


class Change(msgspec.Struct, Generic[Value], array_like=True, frozen=True, gc=False, tag=0):
    """A batch as the log keeps it."""

    name: str
    put: Mapping[str, Value]
    append: Mapping[str, Sequence[bytes]]
    release: Mapping[str, int]
    ttl_ms: int | None
    aliases: Sequence[str]
    ends: bool
    drops: Sequence[str] = ()


Changed = tuple[Any, ...]
"""What is written like a `Change`, and is made in a third of the time."""


def changed(
    name: str, put: Mapping[str, Any], append: Mapping[str, Sequence[bytes]], release: Mapping[str, int]
) -> Changed:
    """A change of documents and streams alone; documents are given as they are written."""
    return (0, name, put, append, release, None, (), False)
