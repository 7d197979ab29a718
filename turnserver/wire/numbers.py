"""Numbers of the wire have one spelling each: `0`, `17`; never `+1`, `01`, `1_0`, ` 1` or digits of another script."""

DIGITS_MAX = 15
"""Longest number: every double holds 15 digits exactly, so clients in any language can keep one."""


def number(text: str) -> int | None:
    """The number that `text` spells, 0 to 10**15 - 1, or None if it is not the one spelling of a number."""
    if not (text.isdecimal() and text.isascii()) or len(text) > DIGITS_MAX:
        return None
    if text[0] == "0" and text != "0":
        return None
    return int(text)
