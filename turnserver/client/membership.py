"""What a member or viewer of a room knows of it, as a frozen value that follows the room's items.

Items come in order, each one once: a reply brings those after the cursor that was handed in, and the cursor after
them. A request that got no reply is repeated with the same cursor, so what was lost with the reply comes again.

Source: docs/rooms.md, "Items".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Configured, Item, Joined, Left, Moved, Packet, Readied
from turnserver.messages.rooms import Seated


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """All that a game begins from: the same for every player, every viewer and every replay."""

    engine: str
    """Which game, or which version of it: what its creator wrote."""
    seed: str
    """What all chance comes from: what its creator wrote."""
    config: Mapping[str, Any]
    """The configuration, a JSON object."""
    members: tuple[str | None, ...]
    """The names by seat; None for a seat that is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A place in a room, and the room as the items up to the cursor tell it. `seat` is None for a viewer."""

    room: str
    key: str
    seat: int | None
    cursor: Cursor
    setup: Setup
    state: str
    """`setup` or `running`, with children behind slashes, or `ended/WHY`."""
    ready: frozenset[int]
    """Who is ready to begin."""
    lookahead: int
    """How many turns may be posted ahead."""
    turn_ms: int
    """The turn length that the room began with."""
    newest: int = 0
    """The newest generation whose packet was read."""
    is_live: bool = True
    """False once this seat plays no more."""
    is_over: bool = False
    """True once the room has ended and all its items were read."""

    @property
    def name(self) -> str | None:
        """What the others see; None for a viewer."""
        return None if self.seat is None else self.setup.members[self.seat]

    @property
    def is_setup(self) -> bool:
        """True until the game begins."""
        return self.state.startswith("setup")

    def after(self, cursor: Cursor, items: Sequence[Item]) -> "Membership":
        """The membership once these items were read, up to this cursor."""
        member = self
        for item in items:
            member = _followed(member, item)
        return replace(member, cursor=cursor)

    def at_the_end(self) -> "Membership":
        """The membership once the server has said that there is nothing new."""
        return replace(self, is_over=self.state.startswith("ended"))


def _followed(member: Membership, item: Item) -> Membership:
    match item:
        case Packet(generation):
            return replace(member, newest=generation)
        case Moved(state):
            return replace(member, state=state, is_over=state.startswith("ended"))
        case Configured(config):
            setup = replace(member.setup, config=msgspec.json.decode(config))
            return replace(member, setup=setup, ready=frozenset())
        case Readied(seat, is_ready):
            return replace(member, ready=member.ready | {seat} if is_ready else member.ready - {seat})
        case Joined(seat, name):
            return _named(member, seat, name)
        case Left(seat):
            return _without(member, seat)
    return member


def _without(member: Membership, seat: int) -> Membership:
    """During set-up the seat is free again; later its name stays, and nobody plays it."""
    gone = replace(member, is_live=member.is_live and seat != member.seat, ready=member.ready - {seat})
    return _named(gone, seat, None) if member.is_setup else gone


def _named(member: Membership, seat: int, name: str | None) -> Membership:
    return replace(member, setup=replace(member.setup, members=seated(member.setup.members, seat, name)))


def seated(members: Sequence[str | None], seat: int, name: str | None) -> tuple[str | None, ...]:
    """The names by seat, with another one, or nobody, in one seat."""
    longer = (*members, *(None for _ in range(seat + 1 - len(members))))
    return (*longer[:seat], name, *longer[seat + 1 :])


class _Header(msgspec.Struct):
    """What of the header counts here; `docs/rooms.md` lists the rest."""

    engine: str
    seed: str
    config: dict[str, Any]
    members: tuple[str | None, ...]
    state: str
    ready: frozenset[int]
    lookahead: int
    turn_ms: int


def membership(given: Seated) -> Membership:
    """What the answer to creating, joining or watching tells.

    Raises:
        ValueError: The header is not one.
    """
    header = msgspec.json.decode(given.header, type=_Header)
    return Membership(
        room=given.room,
        key=given.key,
        seat=given.seat,
        cursor=given.cursor,
        setup=Setup(engine=header.engine, seed=header.seed, config=header.config, members=header.members),
        state=header.state,
        ready=header.ready,
        lookahead=header.lookahead,
        turn_ms=header.turn_ms,
    )
