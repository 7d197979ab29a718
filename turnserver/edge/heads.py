"""Request heads that the short way can serve: what they say, and those that need not be parsed again.

A client sends the same head again and again: its software never changes, and its bodies are of few lengths. What was
made of a head once holds for the same bytes whenever they come, so it is kept, and the parser is asked no more.
"""

from collections.abc import Sequence

from msgspec import Struct

from turnserver.settings import Settings
from turnserver.wire.paths import TextPath, text_path
from turnserver.wire.prefer import wait_s

FORWARDED = b"x-forwarded-for"

LONG_WAY_HEADERS = frozenset((b"expect", b"upgrade", b"transfer-encoding"))
"""Headers that need what only uvicorn's way has."""

HEADS_MAX = 1024
"""How many heads are known at once. When there are as many, all are forgotten."""

HEAD_KNOWN_BYTES_MAX = 1024
"""A longer head is parsed every time."""


class Head(Struct, frozen=True, gc=False):
    """What the head of a POST of text says."""

    path: TextPath
    body_bytes: int
    has_origin: bool
    wait_s: float
    forwarded: tuple[tuple[bytes, bytes], ...]
    """The headers in which a proxy may say where the request comes from."""
    is_plain: bool
    """True if the reply is due at once and needs no further headers."""


def read_head(target: bytes, headers: Sequence[tuple[bytes, bytes]], settings: Settings) -> Head | None:
    """The head of a POST, or None if only uvicorn's way can serve it.

    Args:
        target: The request target as it was sent.
        headers: Names in lower case, and values.
        settings: Which bodies are too long, and how long a client may wait.
    """
    length, has_origin, preference = -1, False, b""
    for name, value in headers:
        if name in LONG_WAY_HEADERS:
            return None
        if name == b"content-length":
            length = int(value)  # the parser has seen to it that these are digits
        elif name == b"origin":
            has_origin = True
        elif name == b"prefer":
            preference += b"," + value  # several headers of one name are one list
    location, _, query = target.decode("latin-1").partition("?")
    path = text_path(location)
    if path is None or not 0 <= length <= settings.post_bytes_max(path.is_batch):
        return None
    seconds = 0.0
    if query or preference:
        seconds = wait_s(preference.decode("latin-1"), query, wait_s_max=settings.wait_s_max)
    forwarded = tuple(header for header in headers if header[0] == FORWARDED)
    is_plain = not (has_origin or seconds)
    return Head(path, length, has_origin, seconds, forwarded, is_plain)


class Heads:
    """The heads that were read before, by their bytes, the empty line included; all connections share them."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}
        self.get = self._known.get
        """`get(text)`: the head, or None if these bytes are not known."""

    def add(self, text: bytes, head: Head) -> None:
        """Know a head from now on."""
        if len(text) > HEAD_KNOWN_BYTES_MAX:
            return
        if len(self._known) >= HEADS_MAX:
            self._known.clear()
        self._known[text] = head
