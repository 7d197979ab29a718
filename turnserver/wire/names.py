"""Names of players and rooms: one line of text that can stand in every list.

Source: docs/protocol.md, "Names".
"""

import unicodedata

CHANNEL_WORDS = frozenset(("lobby", "room", "game"))
"""What a chat's channel is called; nobody else is."""

_EXCLUDED = frozenset(",;|*")


def is_name(text: str, *, bytes_max: int) -> bool:
    """True for 1 to `bytes_max` bytes of UTF-8 without comma, `;`, `|`, `*`, control characters and channel words."""
    if not text or text in CHANNEL_WORDS or len(text.encode()) > bytes_max:
        return False
    return not any(letter in _EXCLUDED or unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in text)
