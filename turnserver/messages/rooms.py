"""The requests of lock-step rooms, symbols 20 to 29, and what creating, joining and watching answer.

Keys are session tokens in `RoomCreate`, `RoomJoin`, `RoomWatch` and `RoomList`, room keys in all others. `counter` is
text of the client's own that marks a repeat, None where it gave none; `cursor` is None for the beginning. `seat` is
its index, None for a viewer.

Source: docs/rooms.md, "Requests".
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from turnserver.messages.cursor import Cursor
from turnserver.protocol.symbols import Symbol


class OnSilence(str, Enum):
    """What a room does when a seat is silent for too long."""

    WAIT = "wait"
    SKIP = "skip"
    DROP = "drop"


class Readers(str, Enum):
    """Who may read a room's record."""

    MEMBERS = "members"
    ALL = "all"


class Wishes(NamedTuple):
    """What a room is to be. Times in the unit of their names; `config` and `states` are JSON objects.

    `viewers` is how many turns late viewers are: None means that there are none. The state chart is for the rules to
    check.
    """

    engine: str
    seed: str
    least: int
    most: int
    name: str
    config: Mapping[str, Any]
    states: Mapping[str, Any]
    viewers: int | None
    turn_ms: int
    lookahead: int
    silence_s: int
    on_silence: OnSilence
    archive: Readers


class RoomCreate(NamedTuple):
    """ROOM_CREATE (20): make a room and take its first seat."""

    token: str
    name: str | None
    counter: str | None
    wishes: Wishes


class RoomJoin(NamedTuple):
    """ROOM_JOIN (21): take a seat, or take one's own seat again with a new key."""

    token: str
    name: str | None
    counter: str | None
    room: str


class RoomWatch(NamedTuple):
    """ROOM_WATCH (22): watch without a seat."""

    token: str
    counter: str | None
    room: str


class RoomSetup(NamedTuple):
    """ROOM_SETUP (23): change the configuration by a JSON merge patch."""

    key: str
    seat: int | None
    cursor: Cursor | None
    patch: Mapping[str, Any]


class RoomReady(NamedTuple):
    """ROOM_READY (24): ready to begin, or no longer."""

    key: str
    seat: int | None
    cursor: Cursor | None
    is_ready: bool


class RoomTurn(NamedTuple):
    """ROOM_TURN (25): the commands for a generation, and the hash of the game's state after generation `checked`."""

    key: str
    seat: int | None
    cursor: Cursor | None
    generation: int
    latency_ms: int | None
    framerate: int | None
    checked: int | None
    hash: str
    commands: str


class RoomPoll(NamedTuple):
    """ROOM_POLL (26): what is new."""

    key: str
    seat: int | None
    cursor: Cursor | None


class RoomEvent(NamedTuple):
    """ROOM_EVENT (27): an event of the room's state chart."""

    key: str
    seat: int | None
    cursor: Cursor | None
    event: str


class RoomLeave(NamedTuple):
    """ROOM_LEAVE (28): give up the seat, or stop watching."""

    key: str
    seat: int | None


class Filter(NamedTuple):
    """Which rooms a list shows; None does not matter. `has_seat` is for rooms that a newcomer can still join."""

    engine: str | None = None
    name: str | None = None
    state: str | None = None
    has_seat: bool | None = None


class RoomList(NamedTuple):
    """ROOM_LIST (29): the open rooms of a title."""

    token: str
    filter: Filter


class RoomLook(NamedTuple):
    """What a newcomer finds in a room; whoever has the room's id may ask."""

    room: str


class Archive(NamedTuple):
    """The whole record of a room, for who holds a token or key that may read it; `secret` is "" for a stranger."""

    secret: str
    room: str


class Seated(NamedTuple):
    """The answer to creating, joining and watching: a key, a place, and the header at a cursor."""

    room: str
    key: str
    seat: int | None
    cursor: Cursor
    header: str


class Listed(NamedTuple):
    """One room of a list."""

    room: str
    state: str
    players: int
    most: int
    name: str


RoomAction = RoomSetup | RoomReady | RoomTurn | RoomPoll | RoomEvent | RoomLeave
"""What a room key gives the right to."""

SYMBOLS: Mapping[type, Symbol] = {
    RoomSetup: Symbol.ROOM_SETUP,
    RoomReady: Symbol.ROOM_READY,
    RoomTurn: Symbol.ROOM_TURN,
    RoomPoll: Symbol.ROOM_POLL,
    RoomEvent: Symbol.ROOM_EVENT,
    RoomLeave: Symbol.ROOM_LEAVE,
}
"""The symbols of the actions."""

RoomRequest = RoomCreate | RoomJoin | RoomWatch | RoomAction | RoomList
