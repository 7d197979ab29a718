"""Where incoming text goes: byte by byte into a pipe or file, line by line and harmless onto a terminal."""

import re
from typing import BinaryIO

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but tab and line feed: on a terminal they could move the cursor, or worse."""


def harmless(text: str) -> str:
    """The text as a terminal may show it."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


class Screen:
    """Shows the partner's texts.

    Args:
        output: Standard output, as bytes.
        is_terminal: True for a person: each line then begins with the partner's name.
        partner: That name.
    """

    def __init__(self, output: BinaryIO, *, is_terminal: bool, partner: str) -> None:
        self._output = output
        self._is_terminal = is_terminal
        self._name = harmless(partner)

    def show(self, text: str) -> None:
        """Show one text at once."""
        if self._is_terminal:
            lines = harmless(text).removesuffix("\n").split("\n")
            text = "".join(f"{self._name}: {line}\n" for line in lines)
        self._output.write(text.encode())
        self._output.flush()
