"""Seats and their keys: creating, joining, joining again, leaving.

A seat belongs to a user, and one key at a time gives the right to it. Joining again gives a new key and kills the old
one: this heals a lost reply, and nobody can go on with a stolen key. Keys that are dead stay dead: a late copy of the
request that made one is refused.

Source: docs/rooms.md, "Seats and keys".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import structs

from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.chart import check_chart, first_state
from turnserver.domain.rooms.documents import (
    RECOUNT,
    SEATS,
    SETUP,
    Config,
    Member,
    Pace,
    Room,
    Rules,
    Seat,
    Viewers,
    is_ended,
    is_running,
    key_partition,
    live_seats,
)
from turnserver.domain.rooms.ending import LEFT, end, life_ms
from turnserver.domain.rooms.setup import begun, with_member
from turnserver.domain.rooms.silence import forgotten
from turnserver.domain.sessions import Session
from turnserver.messages.items import Configured, Joined, Left
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import Wishes
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

DEAD_KEYS_KEPT = 8
"""How many of a seat's dead keys are remembered, and how many keys of those who left during set-up."""

LEFT_WHY = "left"
"""Why a seat is empty that was given up."""


class Founder(NamedTuple):
    """Who makes a room: a session, the name to be shown, and the SHA-256 of the first key."""

    session: Session
    name: str
    digest: str


class Place(NamedTuple):
    """Where a room is: its id, the two random letters of its cursors, and the title in whose list it stands."""

    room: str
    epoch: str
    title: str


def create(wishes: Wishes, founder: Founder, place: Place, *, now_ms: int, limits: Limits) -> Change:
    """A new room, with its founder in the first seat.

    Args:
        wishes: What the room is to be.
        founder: Who makes it.
        place: Where it is; the id is not in use.
        now_ms: The store's clock.
        limits: `room_config_bytes_max`, `room_chart_bytes_max` and the times count.

    Raises:
        Refused: TOO_LARGE for configuration or chart; BAD_DATA, with the place, for a chart that is wrong.
    """
    config, chart = (msgspec.json.encode(value).decode() for value in (wishes.config, wishes.states))
    if len(config.encode()) > limits.room_config_bytes_max or len(chart.encode()) > limits.room_chart_bytes_max:
        raise Refused(answers.TOO_LARGE)
    check_chart(wishes.states, seats=wishes.most)
    rules = Rules(
        *place,
        now_ms,
        wishes.engine,
        wishes.seed,
        wishes.least,
        wishes.most,
        wishes.name,
        chart,
        wishes.viewers,
        wishes.turn_ms,
        wishes.lookahead,
        1000 * wishes.silence_s,
        wishes.on_silence,
        wishes.archive,
    )
    member = Member(founder.session.user, founder.name, founder.digest)
    put = {
        "rules": rules,
        "room": Room((member,), first_state(wishes.states, SETUP)),
        "config": Config(config),
        "viewers": Viewers(),
        "pace": Pace(0, now_ms, 1, wishes.turn_ms),
        SEATS[0]: Seat(now_ms),
    }
    told = (Configured(config), Joined(0, founder.name))
    return Change(put, told, ttl_ms=life_ms(limits), aliases=(key_partition(founder.digest),))


def join(  # all that makes a seat
    view: View, session: Session, *, name: str, digest: str, limits: Limits, is_founder: bool = False
) -> Change | None:
    """Take a seat, or one's own again with a new key.

    Args:
        view: The room.
        session: Who joins.
        name: The name to be shown; it counts for a new seat only.
        digest: The SHA-256 of the key that the seat is to have from now on.
        limits: The times count.
        is_founder: Whether it repeats the request that made the room: that always leads there, with the same key.

    Returns:
        The change; for a repeat, where the seat has this key already, a sign of life or None.

    Raises:
        Refused: NOT_THERE; TOO_OLD for a key that is dead; WRONG_STATE for a newcomer after set-up; NAME_TAKEN; FULL.
    """
    room: Room | None = view.value("room")
    if room is None:
        raise Refused(answers.NOT_THERE)
    index = seat_of(room, session.user)
    if index is not None:
        return _rejoin(view, index, digest, limits)
    _must_be_open(room)
    if digest in room.departed:
        if not is_founder:
            raise Refused(answers.TOO_OLD)
        room = structs.replace(room, departed=tuple(one for one in room.departed if one != digest))
    if any(member is not None and member.name == name for member in room.members):
        raise Refused(answers.NAME_TAKEN)
    index = _free_seat(view, room)
    put = _seen(view, forgotten(view, room, limits=limits))
    put |= {"room": with_member(room, index, Member(session.user, name, digest)), SEATS[index]: Seat(view.now_ms)}
    return Change(put, (Joined(index, name),), ttl_ms=life_ms(limits), aliases=(key_partition(digest),))


def look(view: View) -> Mapping[str, Any]:
    """The header of a room that a newcomer can join.

    Raises:
        Refused: NOT_THERE; WRONG_STATE after set-up; FULL.
    """
    room: Room | None = view.value("room")
    if room is None:
        raise Refused(answers.NOT_THERE)
    _must_be_open(room)
    _free_seat(view, room)
    return header(view)


def _must_be_open(room: Room) -> None:
    if not room.state.startswith(SETUP):
        raise Refused(answers.WRONG_STATE)


def _free_seat(view: View, room: Room) -> int:
    rules: Rules = view.value("rules")
    index = room.members.index(None) if None in room.members else len(room.members)
    if index >= rules.most:
        raise Refused(answers.FULL)
    return index


def _rejoin(view: View, index: int, digest: str, limits: Limits) -> Change | None:
    room: Room = view.value("room")
    member = room.members[index]
    assert member is not None
    if digest == member.key:
        return sign_of_life(view, index, limits=limits)
    if digest in member.dead:
        raise Refused(answers.TOO_OLD)
    dead = (member.key, *member.dead)[:DEAD_KEYS_KEPT]
    again = structs.replace(member, key=digest, dead=dead, acts=())
    put = _seen(view, {index, *forgotten(view, room, limits=limits)})
    put |= {"room": with_member(room, index, again)}
    return Change(put, aliases=(key_partition(digest),), drops=(key_partition(member.key),))


def leave(view: View, index: int, *, limits: Limits) -> Change | None:
    """Give up a seat. During set-up it is free again; later it is played no more. None if it was given up already.

    A room that the last one leaves ends.
    """
    room: Room = view.value("room")
    member = room.members[index]
    assert member is not None
    if is_ended(room) or not member.is_live:
        return None
    if is_running(room):
        gone = with_member(room, index, structs.replace(member, is_live=False))
        pace = structs.replace(view.value("pace"), compared=RECOUNT)
        change = Change({"room": gone, "pace": pace}, (Left(index, LEFT_WHY),))
    else:
        vacated = vacate(view, (index,), LEFT_WHY)
        assert vacated is not None
        change = vacated
    left: Room = change.put["room"]
    if live_seats(left):
        return change
    ending = end(left, LEFT, now_ms=view.now_ms, limits=limits, before=change.items)
    return structs.replace(ending, drops=change.drops)


def vacate(view: View, indexes: Sequence[int], why: str) -> Change | None:
    """Make seats free again during set-up; the game begins if all are ready who are left. None for no seats.

    Args:
        view: The room.
        indexes: The seats; each has a member.
        why: What the others are told.
    """
    if not indexes:
        return None
    room: Room = view.value("room")
    gone, departed = room, room.departed
    for index in reversed(indexes):
        member = room.members[index]
        assert member is not None
        gone, departed = with_member(gone, index, None), (member.key, *departed)
    gone = structs.replace(gone, departed=departed[:DEAD_KEYS_KEPT])
    change = begun(view, gone, tuple(Left(index, why) for index in indexes))
    drops = tuple(key_partition(digest) for digest in departed[DEAD_KEYS_KEPT:])
    return structs.replace(change, drops=drops, relies=tuple(SEATS[index] for index in indexes))


def seated(view: View, digest: str, index: int | None) -> int | None:
    """The seat that a key gives the right to, None for a viewer's key.

    Args:
        view: The room that the key leads to.
        digest: The SHA-256 of the key.
        index: The seat that the client names, None if it is a viewer.

    Raises:
        Refused: NO_RIGHT for a key that is not in use; NOT_ALLOWED where it is another's.
    """
    documents = view.documents
    if not documents:
        raise Refused(answers.NO_RIGHT)
    members: Sequence[Member | None] = documents["room"].value.members
    if index is not None and index < len(members):
        member = members[index]
        if member is not None and member.key == digest:
            return index
    is_viewer = any(viewer.key == digest for viewer in view.value("viewers").viewers)
    if is_viewer and index is None:
        return None
    is_member = any(member is not None and member.key == digest for member in members)
    raise Refused(answers.NOT_ALLOWED if is_viewer or is_member else answers.NO_RIGHT)


def has_departed(view: View, digest: str) -> bool:
    """True for the key of a seat that was given up during set-up, not long ago."""
    room: Room | None = view.value("room")
    return room is not None and digest in room.departed


def seat_of(room: Room, user: str) -> int | None:
    """The seat of a user, also one that is played no more; None if it has none."""
    found = (index for index, member in enumerate(room.members) if member is not None and member.user == user)
    return next(found, None)


def sign_of_life(view: View, index: int, *, limits: Limits) -> Change | None:
    """Note that a member is there; None where that was noted not long ago."""
    seat: Seat = view.documents[SEATS[index]].value
    noted_s = min(limits.room_setup_silence_s, limits.room_idle_s) / 10
    if view.now_ms - seat.seen_ms < 1000 * noted_s:
        return None
    forgot = forgotten(view, view.documents["room"].value, limits=limits)
    return Change(_seen(view, {index, *forgot}), lasting=False)


def _seen(view: View, indexes: Iterable[int]) -> dict[str, Any]:
    """The documents of seats that count as heard of now."""
    return {SEATS[index]: structs.replace(view.value(SEATS[index]), seen_ms=view.now_ms) for index in indexes}


def header(view: View) -> Mapping[str, Any]:
    """What a client needs to start, or to catch up from the cursor that comes with it."""
    rules: Rules = view.value("rules")
    room: Room = view.value("room")
    return {
        "engine": rules.engine,
        "seed": rules.seed,
        "name": rules.name,
        "state": room.state,
        "config": msgspec.Raw(view.value("config").text.encode()),
        "states": msgspec.Raw(rules.chart.encode()),
        "players": [rules.least, rules.most],
        "members": [None if member is None else member.name for member in room.members],
        "ready": [index for index, member in enumerate(room.members) if member is not None and member.is_ready],
        "turn": view.value("pace").generation,
        "turn_ms": rules.turn_ms,
        "lookahead": rules.lookahead,
        "silence_s": rules.silence_ms // 1000,
        "on_silence": rules.on_silence.value,
        "viewers": False if rules.viewers is None else rules.viewers or True,
        "archive": rules.archive.value,
    }


def start(view: View) -> int:
    """The offset of the first item that the header does not tell: just before packet 1 once the game has begun."""
    room: Room = view.value("room")
    return view.counter("items") if room.began is None else room.began
