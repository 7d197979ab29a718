"""Paths of the text protocol: `/`, `/TITLE`, `/batch` and `/TITLE/batch`.

Source: docs/protocol.md, "Titles".
"""

import re
from functools import lru_cache
from typing import NamedTuple

RESERVED = frozenset(
    (
        *("account", "admin", "chat", "console", "docs", "healthz", "metrics", "openapi", "readyz", "static", "stats"),
        *(
            "auth",
            "delete-character",
            "disconnect",
            "guest",
            "initiate",
            "login",
            "logout",
            "register",
            "reset-password",
            "rpc",
        ),
        *("archive", "batch", "create", "events", "inbox", "join", "play", "queues", "rooms", "topics", "world-stats"),
    )
)
"""Paths of the JSON interface and of the operator, built or to be built: never the name of a title."""

_PATH = re.compile(r"/(?:batch|(?P<title>[A-Za-z0-9_-]{1,32})(?P<batch>/batch)?)?")


class TextPath(NamedTuple):
    """Where a line of text was posted: the game title ("" is the default one), and whether it is a batch."""

    title: str
    is_batch: bool


@lru_cache(maxsize=1024)
def text_path(path: str) -> TextPath | None:
    """The meaning of a decoded URL path, or None if the text protocol does not live there."""
    found = _PATH.fullmatch(path)
    if found is None or found["title"] in RESERVED - {"batch"}:
        return None
    if path == "/batch":
        return TextPath("", is_batch=True)
    if found["title"] == "batch":
        return None
    return TextPath(found["title"] or "", is_batch=found["batch"] is not None)
