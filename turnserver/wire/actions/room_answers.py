"""What rooms answer over JSON, and their items as objects.

Source: docs/json.md; docs/rooms.md, "Replies" and "Items".
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from turnserver.messages import items
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.wire import cursor as cursors
from turnserver.wire.actions.action import Answer, Cursor, RoomKey, Token
from turnserver.wire.room_replies import parse_items, parse_listed, parse_seated

Seat = Annotated[int, Meta(ge=0, description="A seat, counted from 0.")]
State = Annotated[str, Meta(description="`setup` or `running`, with children; `ended/WHY`.")]

JOIN_PATH = "/join"

JoinUrl = Annotated[str, Meta(description="Below this server: GET shows the room, POST takes a seat.")]


class Header(Struct, frozen=True, kw_only=True):
    """What a client needs to start, or to catch up from the cursor that comes with it."""

    engine: str
    seed: str
    name: str
    state: State
    config: dict[str, Any]
    states: dict[str, Any]
    players: tuple[int, int]
    members: tuple[str | None, ...]
    ready: tuple[Seat, ...]
    turn: Annotated[int, Meta(description="The newest packet's generation; 0 before the first.")]
    turn_ms: int
    lookahead: int
    silence_s: int
    on_silence: Literal["wait", "skip", "drop"]
    viewers: bool | int
    archive: Literal["members", "all"]


class Shown(Struct, frozen=True):
    """What a newcomer finds in a room."""

    room: str
    join_url: JoinUrl
    header: Header

    @classmethod
    def of(cls, room: str, header: str) -> Self:
        """The answer of a room with this header, a JSON object."""
        return cls(room, join_url(room), msgspec.json.decode(header, type=Header))


class Seated(Answer, frozen=True):
    """A place in a room."""

    room: str
    join_url: JoinUrl
    key: RoomKey
    index: Annotated[int | None, Meta(description="The seat; null for a viewer.")]
    cursor: Cursor
    header: Header

    @classmethod
    def read(cls, reply: Reply, _fields: Any) -> Self:
        """See `Answer.read`."""
        seated = parse_seated(reply.body)
        header = msgspec.json.decode(seated.header, type=Header)
        cursor = cursors.encode(seated.cursor)
        return cls(seated.room, join_url(seated.room), seated.key, seated.seat, cursor, header)


class SeatedGuest(Seated, frozen=True):
    """A seat in a room. `token`, `expires_in` and `username` are there for a guest who was just made."""

    token: Token | UnsetType = UNSET
    expires_in: Annotated[int, Meta(description="Seconds that the session lives unused.")] | UnsetType = UNSET
    username: str | UnsetType = UNSET


def join_url(room: str) -> str:
    """Where a room is shown and joined."""
    return f"{JOIN_PATH}?game_id={room}"


class Item(Struct, frozen=True, tag_field="kind"):
    """One item of a room."""


class Joined(Item, frozen=True, tag="joined"):
    """Somebody took a seat."""

    seat: Seat
    name: str


class Left(Item, frozen=True, tag="left"):
    """A seat was given up or dropped."""

    seat: Seat
    why: Literal["left", "silent"]


class Configured(Item, frozen=True, tag="configured"):
    """The configuration has changed: the whole of it."""

    config: dict[str, Any]


class Readied(Item, frozen=True, tag="readied"):
    """A seat is ready, or no longer."""

    seat: Seat
    is_ready: bool


class Moved(Item, frozen=True, tag="moved"):
    """The room is in another state."""

    state: State


class Packet(Item, frozen=True, tag="packet"):
    """All seats' commands, to be executed as this generation; null stands for "as before", "none" and "nothing"."""

    generation: int
    iterations: int | None
    turn_ms: int | None
    checked: int | None
    hash: str
    commands: tuple[str | None, ...]


class Diverged(Item, frozen=True, tag="diverged"):
    """The games differ; nobody is the minority where it is disputed."""

    generation: int
    minority: tuple[Seat, ...]
    hashes: Annotated[dict[str, str], Meta(description="By seat.")]
    parts: tuple[str, ...]


class Lagging(Item, frozen=True, tag="lagging"):
    """The others have waited for this seat for so long."""

    seat: Seat
    waited_ms: int


RoomItem = Joined | Left | Configured | Readied | Moved | Packet | Diverged | Lagging

_OBJECTS: dict[type[items.Item], Callable[[Any], RoomItem]] = {
    items.Joined: lambda item: Joined(*item),
    items.Left: lambda item: Left(*item),
    items.Configured: lambda item: Configured(msgspec.json.decode(item.config)),
    items.Readied: lambda item: Readied(*item),
    items.Moved: lambda item: Moved(*item),
    items.Packet: lambda item: Packet(*item),
    items.Diverged: lambda item: Diverged(
        item.generation, item.minority, {f"{seat}": report for seat, report in item.hashes}, item.parts
    ),
    items.Lagging: lambda item: Lagging(*item),
}


class Items(Answer, frozen=True):
    """The room's items after the cursor, oldest first, and the cursor to hand back next."""

    cursor: Cursor
    items: tuple[RoomItem, ...]

    @classmethod
    def read(cls, reply: Reply, fields: Any) -> Self:
        """See `Answer.read`."""
        if reply.answer is answers.NOTHING_NEW:
            return cls(fields.cursor, ())
        cursor, found = parse_items(reply.body)
        return cls(cursors.encode(cursor), tuple(_OBJECTS[type(item)](item) for item in found))


class RoomFound(Struct, frozen=True):
    """One room of the list."""

    room: str
    state: State
    players: int
    most: int
    name: str


class RoomsFound(Answer, frozen=True):
    """Open rooms, newest first."""

    rooms: tuple[RoomFound, ...]

    @classmethod
    def read(cls, reply: Reply, _fields: Any) -> Self:
        """See `Answer.read`."""
        return cls(tuple(RoomFound(*one) for one in parse_listed(reply.body)))
