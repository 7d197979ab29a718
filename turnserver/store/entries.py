"""What the journal's rows hold beside images (`store.images`): changes of partitions, and the usual one in short."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from turnserver.partition import Batch

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

    @property
    def batch(self) -> Batch:
        """What it does, whatever was there."""
        return Batch({}, self.put, self.append, self.release, self.ttl_ms, self.aliases, self.drops, self.ends)


MOVE = 2
"""What a `Move` begins with when it is written."""


class Move(msgspec.Struct, Generic[Value], array_like=True, frozen=True, gc=False, tag=MOVE):
    """The usual change: one document is written, one stream has more items, and another needs fewer.

    It says no more than a `Change` can, in half the time: nearly every entry is one.
    """

    name: str
    document: str
    value: Value
    outbound: str
    items: Sequence[bytes]
    """What `outbound` has at its end now; may be none."""
    inbound: str
    upto: int
    """The offset before which `inbound` lets go of its items; 0 lets go of none."""

    @property
    def change(self) -> Change[Value]:
        """The same as any other change."""
        append = {self.outbound: self.items} if self.items else {}
        release = {self.inbound: self.upto} if self.upto else {}
        return Change(self.name, {self.document: self.value}, append, release, None, (), ends=False)


Changed = tuple[Any, ...]
"""What is written like a `Change` or a `Move`, and is made in a third of the time."""


def changed(
    name: str, put: Mapping[str, Any], append: Mapping[str, Sequence[bytes]], release: Mapping[str, int]
) -> Changed:
    """A change of documents and streams alone; documents are given as they are written."""
    return (0, name, put, append, release, None, (), False)
