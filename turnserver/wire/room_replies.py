"""The bodies of rooms' replies: values to bytes for the server, bytes to values for the client and the JSON faces.

Source: docs/rooms.md, "Replies".
"""

from collections.abc import Sequence

from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Item
from turnserver.messages.rooms import Listed, Seated
from turnserver.messages.sessions import Opened
from turnserver.protocol.symbols import UNUSED
from turnserver.wire import cursor as cursors
from turnserver.wire.items import parse_item
from turnserver.wire.percent import decode, encode


def seated_body(seated: Seated) -> bytes:
    """`ROOM|KEY|INDEX|CURSOR|HEADER`."""
    seat = UNUSED if seated.seat is None else seated.seat
    return f"{seated.room}|{seated.key}|{seat}|{cursors.encode(seated.cursor)}|{encode(seated.header)}".encode()


def parse_seated(body: bytes) -> Seated:
    """What `seated_body` was given.

    Raises:
        ValueError: It is no such body.
    """
    room, key, seat, cursor, header = body.decode().split("|")
    return Seated(room, key, None if seat == UNUSED else int(seat), cursors.known(cursor), decode(header))


def items_body(cursor: Cursor, items: Sequence[bytes]) -> bytes:
    """`CURSOR|ITEM|...`; the cursor is the place after the last item."""
    return b"|".join((cursors.encode(cursor).encode(), *items))


def parse_items(body: bytes) -> tuple[Cursor, list[Item]]:
    """The cursor to hand back next, and the items, oldest first.

    Raises:
        ValueError: It is no such body.
    """
    cursor, items = cursors.followed(body)
    return cursor, [parse_item(item) for item in items]


def listed_body(rooms: Sequence[Listed]) -> bytes:
    """`ROOM;STATE;PLAYERS;MOST;NAME|...`, or `*` if there is none."""
    items = (f"{one.room};{one.state};{one.players};{one.most};{encode(one.name)}" for one in rooms)
    return ("|".join(items) or UNUSED).encode()


def parse_listed(body: bytes) -> list[Listed]:
    """What `listed_body` was given.

    Raises:
        ValueError: It is no such body.
    """
    text = body.decode()
    rows = [] if text == UNUSED else [item.split(";") for item in text.split("|")]
    return [Listed(room, state, int(players), int(most), decode(name)) for room, state, players, most, name in rows]


def opened_body(opened: Opened) -> bytes:
    """`TOKEN|SECONDS|NAME`."""
    return f"{opened.token}|{opened.seconds}|{encode(opened.name)}".encode()


def parse_opened(body: bytes) -> Opened:
    """What `opened_body` was given.

    Raises:
        ValueError: It is no such body.
    """
    token, seconds, name = body.decode().split("|")
    return Opened(token, int(seconds), decode(name))
