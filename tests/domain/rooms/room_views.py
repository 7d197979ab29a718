"""Rooms as the rules see them, built by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from turnserver.domain.rooms.documents import (
    REPORTS,
    SEATS,
    Config,
    Member,
    Pace,
    Report,
    Room,
    Rules,
    Seat,
    Turn,
    Viewers,
    packed,
)
from turnserver.domain.sessions import Session
from turnserver.messages.rooms import OnSilence, Readers
from turnserver.partition import EMPTY, Document, View

ANN, BOB, CID = (Session(f"guest:{name}", name) for name in ("ann", "bob", "cid"))
RULES = Rules("ROOM", "ab", "", 0, "e", "s", 2, 4, "", "{}", None, 200, 2, 30_000, OnSilence.WAIT, Readers.MEMBERS)
PACE = Pace(0, 0, 1, 200)


def member(session: Session, **more: Any) -> Member:
    """A member whose key has the digest of its name's letter and K."""
    return structs.replace(Member(session.user, session.name, f"{session.name[0]}K"), **more)


def seat(*turns: int | Turn, **more: Any) -> Seat:
    """A seat that has posted these generations at 0 ms, each with its number as commands."""
    posted = tuple(turn if isinstance(turn, Turn) else Turn(turn, f"{turn}", 0) for turn in turns)
    return structs.replace(Seat(0, posted), **more)


def view(
    *seats: Seat,
    state: str = "running",
    members: Sequence[Member | None] | None = None,
    now_ms: int = 0,
    rules: Mapping[str, Any] | None = None,
    pace: Mapping[str, Any] | None = None,
    reports: Mapping[int, Sequence[tuple[int, str]]] | None = None,
    items: int = 0,
    **room: Any,
) -> View:
    """A room with a member for each seat.

    Args:
        seats: Their documents.
        state: The room's state.
        members: Who has the seats, if not Ann, Bob and Cid.
        now_ms: The store's clock.
        rules: What differs from `RULES`.
        pace: What differs from `PACE`.
        reports: Generations and hashes that seats reported.
        items: How many items there are.
        room: What else differs from a room that began at its first item.
    """
    who = members if members is not None else [member(session) for session in (ANN, BOB, CID)[: len(seats)]]
    documents = {
        "rules": structs.replace(RULES, **(rules or {})),
        "room": structs.replace(Room(tuple(who), state, 0), **room),
        "config": Config("{}"),
        "viewers": Viewers(),
        "pace": structs.replace(PACE, **(pace or {})),
        **{SEATS[index]: one for index, one in enumerate(seats)},
    }
    streams = {
        REPORTS[index]: EMPTY.appended([packed(Report(0, 1, checked, told, None, None)) for checked, told in reported])
        for index, reported in (reports or {}).items()
    }
    streams |= {"items": EMPTY.appended([b"s:running"] * items), "times": EMPTY.appended([b"0"] * items)}
    return View({name: Document(1, value) for name, value in documents.items()}, streams, now_ms, 0)
