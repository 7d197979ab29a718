"""Numbered messages: what the players send each other, so that each can check what arrives.

A message is `KIND NUMBER;BORN;HOST;FILLER`, for example `m17;83412345;9f3a01;, * ; %7C`: its kind (`m`, or `e` for the
last of a stream), its number in its stream from 0, when it was due (microseconds of the sender's clock), whose clock
that is, and a filler that the receiver knows beforehand. The filler holds what a server must not touch: commas, `*`,
`%7C`; in the first message of a stream also letters beyond ASCII.
"""

import platform
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from turnserver.wire.numbers import number

_PLAIN = ", * ; %7C "
_BEYOND_ASCII = "äöü ✓ 将棋 "


class Message(NamedTuple):
    """One message."""

    number: int
    born_us: int
    """When it was due, in microseconds of the clock of `host`."""
    host: str
    """Names the machine whose clock was read: two times are compared only if it is the same."""
    is_last: bool = False


def data(message: Message, *, size_bytes: int) -> bytes:
    """The message as an update's data: `size_bytes` long, or as short as it can be."""
    head = f"{'e' if message.is_last else 'm'}{message.number};{message.born_us};{message.host};".encode()
    return head + _filler(size_bytes - len(head), is_first=message.number == 0)


def parse(text: bytes) -> Message | None:
    """The message, or None if it is none, or was changed on its way."""
    head, *rest = text.split(b";", 3)
    if len(rest) != 3 or head[:1] not in (b"m", b"e"):
        return None
    count, born_us = number(head[1:].decode("latin-1")), number(rest[0].decode("latin-1"))
    if count is None or born_us is None or rest[2] != _filler(len(rest[2]), is_first=count == 0):
        return None
    return Message(count, born_us, rest[1].decode("latin-1"), is_last=head[:1] == b"e")


def this_host() -> str:
    """A short name of this machine: all processes on it share the monotonic clock."""
    return sha256(platform.node().encode()).hexdigest()[:8]


@lru_cache(maxsize=1024)
def _filler(size_bytes: int, *, is_first: bool) -> bytes:
    """UTF-8 of that size (cut where a letter ends, then filled with dots)."""
    pattern = (_BEYOND_ASCII + _PLAIN) if is_first else _PLAIN
    size_bytes = max(size_bytes, 0)
    text = (pattern * (size_bytes // len(pattern) + 1)).encode()[:size_bytes]
    return text.decode(errors="ignore").encode().ljust(size_bytes, b".")
