"""What a room keeps: its documents and streams, and how they are named.

    room:ID    "rules": Rules            what its creator wished; written once
               "room": Room              members and state; written by whoever changes them
               "config": Config          the configuration; written during set-up
               "viewers": Viewers        who watches
               "pace": Pace              how far the packets are; written with each of them
               "seat0"...: Seat          a seat's posted turns; written by that seat, and by a policy that fills it
               "items", "times"          what all poll, and the server's clock at each item
               "reports0"...             a seat's reports of hashes, latencies and framerates
               "refusals"                what members were refused

A room is also found as roomkey:SHA256 of each key of its members and viewers. Two seats never write the same document
when they post a turn. Fields are only ever added at the end and with a default.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
from msgspec import Struct

from turnserver.messages.rooms import OnSilence, Readers

SETUP, RUNNING, ENDED = "setup", "running", "ended"
PAUSED = "running/paused"


class Rules(Struct, frozen=True, array_like=True, gc=False, tag="room_rules"):
    """What is fixed about a room. `chart` is JSON; `viewers` is how many turns late they are, None for no viewers."""

    room: str
    epoch: str
    title: str
    created_ms: int
    engine: str
    seed: str
    least: int
    most: int
    name: str
    chart: str
    viewers: int | None
    turn_ms: int
    lookahead: int
    silence_ms: int
    on_silence: OnSilence
    archive: Readers


class Act(Struct, frozen=True, array_like=True, gc=False):
    """The latest action of one symbol by one key: the cursor's offset, and what was asked, digested."""

    symbol: str
    offset: int
    digest: str


class Member(Struct, frozen=True, array_like=True, gc=False):
    """Who has a seat. `key` is the SHA-256 of the room key, `dead` are those of keys before it, latest first."""

    user: str
    name: str
    key: str
    dead: tuple[str, ...] = ()
    is_ready: bool = False
    is_live: bool = True
    """False for a seat that left or was dropped while the game ran."""
    acts: tuple[Act, ...] = ()


class Room(Struct, frozen=True, array_like=True, gc=False, tag="room"):
    """Members by seat, None for an empty one, and the state.

    `began` is the offset of the item before which the first packet came out, None during set-up. `resumes` is the
    state before the pause. `departed` are SHA-256 of keys that left during set-up, latest first.
    """

    members: tuple[Member | None, ...]
    state: str
    began: int | None = None
    resumes: str = ""
    ended_ms: int | None = None
    departed: tuple[str, ...] = ()


class Config(Struct, frozen=True, array_like=True, gc=False, tag="room_config"):
    """The configuration as compact JSON, and the offset after the item that told it; 0 for the first."""

    text: str
    at: int = 0


class Viewer(Struct, frozen=True, array_like=True, gc=False):
    """Who watches."""

    user: str
    key: str
    seen_ms: int
    dead: tuple[str, ...] = ()


class Viewers(Struct, frozen=True, array_like=True, gc=False, tag="room_viewers"):
    """All who watch, in the order in which they came."""

    viewers: tuple[Viewer, ...] = ()


class Pace(Struct, frozen=True, array_like=True, gc=False, tag="room_pace"):
    """How far the packets are, and how fast they should come.

    `at_ms` is when the newest packet came out, or the game began or went on after a pause. `latency_ms` and
    `framerate` are the worst that the packets follow; None where nobody reported any.
    """

    generation: int
    at_ms: int
    iterations: int
    turn_ms: int
    latency_ms: int | None = None
    framerate: int | None = None
    calm: int = 0
    """For how many packets all seats have been better than that."""
    skipping: tuple[int, ...] = ()
    """Silent seats that the packets no longer wait for."""
    noted: int = 0
    """0: nobody was told who is waited for; 1: that they are slow; 2: that they are silent."""
    agreed: int = -1
    """The newest generation that the packets said all live seats agree on."""
    compared: int = -1
    """Reports of generations up to this are compared; `RECOUNT` when other seats count than before."""


RECOUNT = -2
"""All reports are to be compared again."""


class Turn(Struct, frozen=True, array_like=True, gc=False):
    """A posted turn whose packet is not out yet."""

    generation: int
    commands: str
    at_ms: int


class Seat(Struct, frozen=True, array_like=True, gc=False, tag="room_seat"):
    """One seat's side of the game. `checked` is the newest generation that it reported a hash for; -1 for none."""

    seen_ms: int
    turns: tuple[Turn, ...] = ()
    checked: int = -1
    latency_ms: int | None = None
    framerate: int | None = None


class Posted(Protocol):
    """A `Seat`, or what stands for one: what packets are made of."""

    @property
    def turns(self) -> Sequence[Turn]:
        """See `Seat`."""
        ...

    @property
    def latency_ms(self) -> int | None:
        """See `Seat`."""
        ...

    @property
    def framerate(self) -> int | None:
        """See `Seat`."""
        ...


class Report(Struct, frozen=True, array_like=True, gc=False):
    """What a seat told with the turn for `generation`; `checked` is None where it told no hash."""

    at_ms: int
    generation: int
    checked: int | None
    hash: str
    latency_ms: int | None
    framerate: int | None


class Refusal(Struct, frozen=True, array_like=True, gc=False):
    """A request of a member that was refused: the symbol, and `status/code` of the answer."""

    at_ms: int
    seat: int
    symbol: str
    code: str


RoomDocument = Rules | Room | Config | Viewers | Pace | Seat

SEATS = tuple(f"seat{index}" for index in range(256))
"""Names of the seats' documents, more than any limit allows."""

REPORTS = tuple(f"reports{index}" for index in range(256))
"""Names of the seats' streams of reports."""

packed = msgspec.msgpack.Encoder().encode
"""A report or a refusal as its stream keeps it."""

report_of = msgspec.msgpack.Decoder(Report).decode
"""The report that `packed` was given."""

refusal_of = msgspec.msgpack.Decoder(Refusal).decode
"""The refusal that `packed` was given."""


def room_partition(room: str) -> str:
    """The partition of a room, by its id."""
    return f"room:{room}"


def key_partition(digest: str) -> str:
    """The same partition, by the SHA-256 of a room key."""
    return f"roomkey:{digest}"


def live_seats(room: Room) -> list[int]:
    """The seats that play, in order."""
    return [index for index, member in enumerate(room.members) if member is not None and member.is_live]


def is_running(room: Room) -> bool:
    """True from the beginning of the game to its end, pauses included."""
    return room.state.startswith(RUNNING)


def is_paused(room: Room) -> bool:
    """True while turns are taken but no packet comes out."""
    return room.state == PAUSED or room.state.startswith(f"{PAUSED}/")


def is_ended(room: Room) -> bool:
    """True once the room has ended, for whatever reason."""
    return room.ended_ms is not None
