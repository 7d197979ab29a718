"""Texts as the data of updates: percent-encoded, at most one body long, and never empty.

An update without data is a poll, so an empty text cannot be sent.

Source: docs/protocol.md, "Updates".
"""

from collections.abc import Iterator

from turnserver.protocol.limits import Limits
from turnserver.wire import percent

LINE_OVERHEAD_BYTES = 56
"""`6,` and `,KEY,P,n.r` around the data: a key of 16 letters and two counters of 15 digits need 53."""

DATA_BYTES_MAX = Limits().body_bytes_max - LINE_OVERHEAD_BYTES
"""Longest text after encoding."""


def data(text: str) -> bytes:
    """The data that carries `text`.

    Raises:
        ValueError: The text is empty, too long (see `pieces`), or holds half a surrogate pair.
    """
    if not text:
        raise ValueError("an empty text cannot be sent: an update without data is a poll")
    encoded = percent.encode(text).encode()
    if len(encoded) > DATA_BYTES_MAX:
        raise ValueError(f"a text of {len(encoded):,} bytes (encoded) is too long: at most {DATA_BYTES_MAX:,}")
    return encoded


def text(item: bytes) -> str:
    """The text that an update's data carries."""
    return percent.decode(item.decode(errors="replace"))


def pieces(long_text: str, *, bytes_max: int = DATA_BYTES_MAX) -> Iterator[str]:
    """Cut a text of any length into texts that fit, between characters; joined they are the text again.

    Args:
        long_text: Any text; an empty one has no pieces.
        bytes_max: Longest piece after encoding; at least 12, which is one character of four bytes, encoded or not.
    """
    start, size = 0, 0
    for index, letter in enumerate(long_text):
        letter_bytes = len(percent.encode(letter).encode())
        if size + letter_bytes > bytes_max:
            yield long_text[start:index]
            start, size = index, 0
        size += letter_bytes
    if start < len(long_text):
        yield long_text[start:]
