"""The encoding of text in items: exactly `%`, `|`, `;`, CR and LF travel as `%XX`; every `%XX` is read as UTF-8.

Relay data is opaque to the server; the project's own clients use the same encoding there.

Source: docs/protocol.md, "Items".
"""

import re
from urllib.parse import unquote_to_bytes

_RESERVED = re.compile(r"[%|;\r\n]")


def encode(text: str) -> str:
    """`text` with the five reserved characters as `%XX`: one line, free of `|` and `;`."""
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def decode(text: str) -> str:
    """The text that `encode` was given; bytes that are no UTF-8 become U+FFFD, a lone `%` stays as it is."""
    return unquote_to_bytes(text).decode(errors="replace") if "%" in text else text
