"""Cursors: opaque to clients, some letters of epoch and an offset to the server.

The offset is written in base 64, most significant letter first and without leading zeros, so that each cursor has one
spelling and an hour of turns costs three letters.

Source: docs/protocol.md, "Cursors".
"""

from functools import lru_cache

from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.symbols import UNUSED

EPOCH_LETTERS = 2
"""The epoch of a room's cursors: ids and keys tell rooms apart, and each turn carries a cursor twice."""

LIST_EPOCH_LETTERS = 8
"""The epoch of all other lists, which begin anew under the same name: 48 random bits, so that of 281,474,976,710,656
lists that were lost one is taken for its successor."""

OFFSET_LETTERS_MAX = 6
"""36 bits: more items than any list will hold."""

FIELDS_KEPT = 4096
"""All members of a room come with the same cursors: each is read once."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}


def encode(cursor: Cursor) -> str:
    """The text of a cursor, for example `xYBk`."""
    letters = _LETTERS[cursor.offset & 63]
    rest = cursor.offset >> 6
    while rest:
        letters = _LETTERS[rest & 63] + letters
        rest >>= 6
    return cursor.epoch + letters


def parse(text: str) -> Cursor | None:
    """The cursor that `text` spells, or None if it is not the one spelling of any cursor."""
    # No cursor of a room is longer than the shortest of another list, so the length tells the two apart.
    epoch_letters = EPOCH_LETTERS if len(text) <= EPOCH_LETTERS + OFFSET_LETTERS_MAX else LIST_EPOCH_LETTERS
    letters = text[epoch_letters:]
    if not 0 < len(letters) <= OFFSET_LETTERS_MAX or (letters[0] == _LETTERS[0] and len(letters) > 1):
        return None
    offset = 0
    for letter in letters:
        value = _VALUES.get(letter)
        if value is None:
            return None
        offset = offset << 6 | value
    return Cursor(text[:epoch_letters], offset)


def followed(body: bytes) -> tuple[Cursor, list[str]]:
    """What the reply of a list brings: the cursor to hand back next, and the texts of the items, oldest first.

    Raises:
        ValueError: It is no such body.
    """
    place, *items = body.decode().split("|")
    return known(place), items


def known(text: str) -> Cursor:
    """The cursor that `text` spells.

    Raises:
        ValueError: It spells none.
    """
    cursor = parse(text)
    if cursor is None:
        raise ValueError(f"not a cursor: {text[:80]!r}")
    return cursor


@lru_cache(maxsize=FIELDS_KEPT)
def field(counter: str) -> Cursor | None:
    """The cursor that a request's counter holds; None for `*`, the beginning of what is kept.

    Raises:
        Malformed: BAD_CURSOR.
    """
    if counter == UNUSED:
        return None
    cursor = parse(counter)
    if cursor is None:
        raise Malformed(answers.BAD_CURSOR)
    return cursor


def counter_field(cursor: Cursor | None) -> str:
    """The counter that `field` reads as this cursor."""
    return UNUSED if cursor is None else encode(cursor)
