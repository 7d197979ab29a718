"""A room's items: a letter, a colon, and fields joined by `;`; values to text for the server and back for the client.

Source: docs/rooms.md, "Items".
"""

from collections.abc import Callable, Sequence
from typing import Any

from turnserver.messages.items import Configured, Diverged, Item, Joined, Lagging, Left, Moved, Packet, Readied
from turnserver.wire.numbers import number
from turnserver.wire.percent import decode, encode

NOTHING = "-"
"""The commands of a seat that gave nothing; commands that are themselves `-` travel as `%2D`."""

DISPUTED = "disputed"
"""The verdict where no majority agrees."""

_PARTS = "parts="


def commands_field(commands: str | None) -> str:
    """One seat's commands as a packet has them; None is a seat that gave nothing."""
    if commands is None:
        return NOTHING
    return "%2D" if commands == NOTHING else encode(commands)


def item_text(item: Item) -> bytes:
    """The item as it travels."""
    return _WRITERS[type(item)](item).encode()


def _packet(item: Packet) -> str:
    checked = "" if item.checked is None else item.checked
    iterations = "" if item.iterations is None else item.iterations
    turn_ms = "" if item.turn_ms is None else item.turn_ms
    commands = ";".join([commands_field(one) for one in item.commands])
    return f"t:{item.generation};{iterations};{turn_ms};{checked};{encode(item.hash)};{commands}"


def _diverged(item: Diverged) -> str:
    verdict = ",".join(map(str, item.minority)) or DISPUTED
    fields = [f"{seat}={encode(report)}" for seat, report in item.hashes]
    if item.parts:
        fields.append(_PARTS + encode("&".join(item.parts)))
    return f"d:{item.generation};{verdict};{';'.join(fields)}"


_WRITERS: dict[type[Item], Callable[[Any], str]] = {
    Joined: lambda item: f"j:{item.seat};{encode(item.name)}",
    Left: lambda item: f"l:{item.seat};{item.why}",
    Configured: lambda item: f"c:{encode(item.config)}",
    Readied: lambda item: f"r:{item.seat};{item.is_ready:d}",
    Moved: lambda item: f"s:{item.state}",
    Packet: _packet,
    Diverged: _diverged,
    Lagging: lambda item: f"g:{item.seat};{item.waited_ms}",
}


def generation(item: bytes) -> int | None:
    """The generation of a master packet; None for any other item."""
    return int(item[2 : item.index(b";")]) if item.startswith(b"t:") else None


def parse_item(text: str) -> Item:
    """The item that `text` spells.

    Raises:
        ValueError: It is no item that this version knows.
    """
    letter, colon, rest = text.partition(":")
    reader = _READERS.get(letter)
    try:
        if reader is not None and colon:
            return reader(rest.split(";"))
    except ValueError:
        pass  # told below, with the text
    raise ValueError(f"not an item of a room: {text[:80]!r}")


def _joined(fields: Sequence[str]) -> Joined:
    seat, name = fields
    return Joined(int(seat), decode(name))


def _left(fields: Sequence[str]) -> Left:
    seat, why = fields
    return Left(int(seat), why)


def _configured(fields: Sequence[str]) -> Configured:
    (config,) = fields
    return Configured(decode(config))


def _readied(fields: Sequence[str]) -> Readied:
    seat, is_ready = fields
    return Readied(int(seat), is_ready == "1")


def _moved(fields: Sequence[str]) -> Moved:
    (state,) = fields
    return Moved(state)


def _read_packet(fields: Sequence[str]) -> Packet:
    own, iterations, turn_ms, checked, report, *commands = fields
    return Packet(
        int(own),
        number(iterations) if iterations else None,
        number(turn_ms) if turn_ms else None,
        number(checked) if checked else None,
        decode(report),
        tuple(None if one == NOTHING else decode(one) for one in commands),
    )


def _read_diverged(fields: Sequence[str]) -> Diverged:
    own, verdict, *rest = fields
    parts: tuple[str, ...] = ()
    if rest[-1].startswith(_PARTS):
        parts = tuple(decode(rest.pop().removeprefix(_PARTS)).split("&"))
    pairs = (field.partition("=") for field in rest)
    hashes = tuple((int(seat), decode(report)) for seat, _, report in pairs)
    minority = () if verdict == DISPUTED else tuple(map(int, verdict.split(",")))
    return Diverged(int(own), minority, hashes, parts)


def _lagging(fields: Sequence[str]) -> Lagging:
    seat, waited_ms = fields
    return Lagging(int(seat), int(waited_ms))


_READERS: dict[str, Callable[[Sequence[str]], Item]] = {
    "j": _joined,
    "l": _left,
    "c": _configured,
    "r": _readied,
    "s": _moved,
    "t": _read_packet,
    "d": _read_diverged,
    "g": _lagging,
}
