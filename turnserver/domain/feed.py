"""Lists that clients follow by a cursor: chat and inboxes.

A cursor is the epoch of the list and the offset of the next item. What was released, or lost with a whole list (its
epoch is another then), is said to be lost and never skipped in silence.

Source: docs/protocol.md, "Cursors".
"""

import math
from typing import NamedTuple

from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused
from turnserver.partition import Stream, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits


class News(NamedTuple):
    """What a reader has not seen yet, oldest first, and the cursor to go on from.

    `is_lost` is True where something between the reader's cursor and the first item is gone.
    """

    items: list[bytes]
    cursor: Cursor
    is_lost: bool


def news(stream: Stream, epoch: str, cursor: Cursor | None) -> News:
    """What is new for a reader who has come as far as `cursor`; None is the beginning of what is kept.

    Raises:
        Refused: BAD_CURSOR for one of this list that was never given.
    """
    if cursor is None:
        first, is_lost = stream.first, False
    elif cursor.epoch != epoch:
        first, is_lost = stream.first, True
    elif cursor.offset > stream.next:
        raise Refused(answers.BAD_CURSOR)
    else:
        first, is_lost = max(cursor.offset, stream.first), cursor.offset < stream.first
    return News(stream.after(first), Cursor(epoch, stream.next), is_lost)


def is_older(stream: Stream, epoch: str, cursor: Cursor) -> bool:
    """True for a cursor before all that is kept: what its owner did since then is not remembered for certain."""
    return cursor.epoch != epoch or cursor.offset < stream.first


def making_room(stream: Stream, *, adds_bytes: int, items_max: int, bytes_max: int) -> int:
    """The offset up to which a stream is to be released before one more item of `adds_bytes` bytes comes in."""
    upto, size = stream.first, stream.size + 1 + adds_bytes
    for item in stream.after(stream.first):
        if size <= bytes_max and stream.next - upto < items_max:
            break
        upto, size = upto + 1, size - len(item) - 1
    return upto


def never_s(_view: View, *, limits: Limits) -> float:  # noqa: ARG001  # the shape of all deadlines
    """Seconds until time alone changes what is new: it never does."""
    return math.inf
