"""JSON objects that clients send: parsed strictly, and not deeper than can be walked safely.

Source: RFC 8259; docs/protocol.md, "Items".
"""

from typing import Any

import msgspec

from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.wire.percent import encode


def json_object(text: str | bytes, *, depth_max: int) -> dict[str, Any]:
    """The JSON object that `text` spells.

    Args:
        text: JSON as RFC 8259 has it: no NaN, no comments, no lone surrogates.
        depth_max: Objects and lists inside each other, the outermost included.

    Raises:
        Malformed: BAD_DATA, with the reason.
    """
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise bad_data(str(error)) from None
    except RecursionError:
        raise _too_deep(depth_max) from None
    if not isinstance(value, dict):
        raise bad_data("not a JSON object")
    if is_deeper(value, depth_max):
        raise _too_deep(depth_max)
    return value


def _too_deep(depth_max: int) -> Malformed:
    return bad_data(f"deeper than {depth_max} objects and lists")


def json_text(value: Any) -> str:
    """`value` as compact JSON."""
    return msgspec.json.encode(value).decode()


def bad_data(reason: str) -> Malformed:
    """What is wrong with a request's data, and where."""
    return Malformed(answers.BAD_DATA, encode(reason))


def is_deeper(value: Any, depth_max: int) -> bool:
    """True if there are more than `depth_max` objects and lists inside each other.

    Looks level by level, so that no depth of a client's making becomes one of ours.
    """
    level = [value]
    for _ in range(depth_max):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    """The objects and lists right inside a value."""
    members = value.values() if isinstance(value, dict) else value
    return [member for member in members if isinstance(member, dict | list)]
