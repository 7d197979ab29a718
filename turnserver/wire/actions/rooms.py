"""Actions of lock-step rooms, symbols 20 to 29.

Source: docs/json.md; docs/rooms.md.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from turnserver.protocol.symbols import UNUSED, Symbol
from turnserver.wire.actions.action import (
    Action,
    Cursor,
    Done,
    Fields,
    Line,
    Mark,
    RoomKey,
    Title,
    Token,
    Username,
    Wait,
    Who,
)
from turnserver.wire.actions.room_answers import JOIN_PATH, Items, RoomsFound, Seated, SeatedGuest
from turnserver.wire.objects import bad_data, json_text
from turnserver.wire.wishes import WishesFields

RoomId = Annotated[str, Meta(description="The room's id.")]
Index = Annotated[int | None, Meta(description="My seat; null for a viewer.")]


class Create(WishesFields, Fields, frozen=True, kw_only=True):
    """What a room is to be, and who makes it."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"player": "username"}
    token: Token = ""
    username: Username = UNUSED
    counter: Mark = UNUSED
    title: Title = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        wishes = {name: getattr(self, name) for name in WishesFields.__struct_fields__}
        return Line(json_text(wishes), self.token, self.username, self.counter)


class Join(Fields, frozen=True, kw_only=True):
    """Which room to join."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"player": "username"}
    game_id: RoomId
    token: Token = ""
    username: Username = UNUSED
    counter: Mark = UNUSED

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(self.game_id, self.token, self.username, self.counter)


class Look(Fields, frozen=True, kw_only=True):
    """Which room to look at."""

    game_id: RoomId


class Watch(Fields, frozen=True, kw_only=True):
    """Which room to watch."""

    right: ClassVar[str | None] = "token"
    game_id: RoomId
    token: Token = ""
    counter: Mark = UNUSED

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(self.game_id, self.token, UNUSED, self.counter)


class List(Fields, frozen=True, kw_only=True):
    """Which rooms to list; what is null does not matter."""

    right: ClassVar[str | None] = "token"
    token: Token = ""
    engine: str | None = None
    name: str | None = None
    state: Literal["setup", "running"] | None = None
    has_seat: Annotated[bool | None, Meta(description="True for rooms that a newcomer can still join.")] = None
    title: Title = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        wanted = {"engine": self.engine, "name": self.name, "state": self.state, "has_seat": self.has_seat}
        return Line(json_text({name: value for name, value in wanted.items() if value is not None}), self.token)


class Place(Fields, frozen=True, kw_only=True):
    """One's place in a room."""

    right: ClassVar[str | None] = "key"
    places: ClassVar[Mapping[str, str]] = {"player": "index", "counter": "cursor"}
    key: RoomKey = ""
    index: Index = None

    @property
    def seat(self) -> str:
        """The seat as a line has it."""
        return UNUSED if self.index is None else f"{self.index}"

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(key=self.key, player=self.seat)


class Poll(Place, frozen=True, kw_only=True):
    """What one has, and how long one waits."""

    cursor: Cursor = UNUSED
    wait: Wait = 0

    @property
    def data(self) -> str:
        """The data of the line."""
        return UNUSED

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(self.data, self.key, self.seat, self.cursor)


class Setup(Poll, frozen=True, kw_only=True):
    """A change of the configuration."""

    patch: Annotated[dict[str, Any], Meta(description="A JSON merge patch, RFC 7396.")]

    @property
    def data(self) -> str:
        """See `Poll.data`."""
        return json_text(self.patch)


class Ready(Poll, frozen=True, kw_only=True):
    """Whether one is ready to begin."""

    ready: bool = True

    @property
    def data(self) -> str:
        """See `Poll.data`."""
        return f"{self.ready:d}"


class Turn(Poll, frozen=True, kw_only=True):
    """The commands for a generation, and the hash of the game's state after generation `checked`."""

    generation: Annotated[int, Meta(description="From 1 up.")]
    commands: str = ""
    latency_ms: int | None = None
    framerate: int | None = None
    checked: int | None = None
    hash: str = ""

    @property
    def data(self) -> str:
        """See `Poll.data`."""
        if ";" in self.hash:
            raise bad_data("hash: holds a ;")
        numbers = (self.generation, self.latency_ms, self.framerate, self.checked)
        return ";".join((*("" if one is None else f"{one}" for one in numbers), self.hash, self.commands))


class Event(Poll, frozen=True, kw_only=True):
    """An event of the state chart."""

    places: ClassVar[Mapping[str, str]] = {**Poll.places, "data": "event"}
    event: str

    @property
    def data(self) -> str:
        """See `Poll.data`."""
        return self.event


_LIST = "List the open rooms of a title"

ACTIONS = (
    Action(Symbol.ROOM_CREATE, "/create", "Make a room and take its first seat", Who.USER, Create, Seated),
    Action(
        Symbol.ROOM_JOIN,
        JOIN_PATH,
        "Take a seat, or one's own again with a new key",
        Who.USER,
        Join,
        SeatedGuest,
        opens_guest=True,
    ),
    Action(Symbol.ROOM_WATCH, "/rooms/watch", "Watch without a seat", Who.USER, Watch, Seated),
    Action(Symbol.ROOM_SETUP, "/rooms/setup", "Change the configuration", Who.MEMBER, Setup, Items),
    Action(Symbol.ROOM_READY, "/rooms/ready", "Be ready to begin, or no longer", Who.MEMBER, Ready, Items),
    Action(Symbol.ROOM_TURN, "/rooms/turn", "Post the commands for a generation", Who.MEMBER, Turn, Items),
    Action(Symbol.ROOM_POLL, "/rooms/poll", "Ask what is new", Who.READER, Poll, Items),
    Action(Symbol.ROOM_EVENT, "/rooms/event", "Send an event of the state chart", Who.MEMBER, Event, Items),
    Action(Symbol.ROOM_LEAVE, "/rooms/leave", "Give up the seat, or stop watching", Who.READER, Place, Done),
    Action(Symbol.ROOM_LIST, "/rooms/list", _LIST, Who.USER, List, RoomsFound, ("GET", "POST")),
)
"""The family's rows."""
