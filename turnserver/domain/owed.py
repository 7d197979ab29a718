"""Events that a change owes to others: written with it in one commit, told afterwards, then crossed out.

A commit touches one partition, and those who are to be told have partitions of their own. So a match or room appends
what it owes to a stream of its own, in the very commit that changes it. Whoever made the change tells it, and if that
one was killed, whoever looks next. The place in the stream is the event's number: an inbox remembers the latest number
of each source and takes none twice.

Source: docs/messages.md, "Events".
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from turnserver.partition import Batch, View

OWED = "owed"
"""The stream of events that are not told to all yet, in the partition of the change."""


class Owed(Struct, frozen=True, array_like=True, gc=False):
    """An event: `source` names the match or room, `users` have inboxes or not, `topic` is a partition or empty."""

    source: str
    action: str
    data: str
    users: tuple[str, ...] = ()
    topic: str = ""


class Event(Struct, frozen=True, gc=False):
    """An event on its way: with its source and number it is told once."""

    source: str
    number: int
    action: str
    data: str


_packed = msgspec.msgpack.Encoder().encode
_owed_of = msgspec.msgpack.Decoder(Owed).decode

_NONE: Mapping[str, Sequence[bytes]] = {}


def owing(events: Sequence[Owed]) -> Mapping[str, Sequence[bytes]]:
    """What a batch appends for these events; nothing for those whom nobody is to hear."""
    told = [_packed(event) for event in events if event.users or event.topic]
    return {OWED: told} if told else _NONE


def is_owing(view: View) -> bool:
    """True if something is still to be told."""
    stream = view.streams.get(OWED)
    return stream is not None and stream.first < stream.next


def owed(view: View) -> list[tuple[Event, Owed]]:
    """What is still to be told, oldest first."""
    stream = view.stream(OWED)
    found = enumerate(map(_owed_of, stream.after(stream.first)), stream.first)
    return [(Event(one.source, number, one.action, one.data), one) for number, one in found]


def told(view: View) -> Batch:
    """Cross out what the view owes: all of it was told."""
    return Batch(release={OWED: view.stream(OWED).next})
