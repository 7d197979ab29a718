"""Slow and silent seats: who is waited for, who is told so, and what the room's policy does.

A seat is waited for from the moment when the packet before came out and one of the others has posted for the next;
what nobody has posted for, nobody waits for. During set-up, where all wait for all, a seat is free again that was
silent for long. Time in which the server was down does not count.

Source: docs/rooms.md, "Silence".
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import (
    RECOUNT,
    SEATS,
    SETUP,
    Pace,
    Room,
    Rules,
    Seat,
    is_paused,
    is_running,
    live_seats,
)
from turnserver.messages.items import Lagging, Left
from turnserver.messages.rooms import OnSilence
from turnserver.partition import View
from turnserver.protocol.limits import Limits

TOLD_NOBODY, TOLD_SLOW, TOLD_SILENT = 0, 1, 2
"""What `Pace.noted` says."""

SILENT = "silent"
"""Why a seat was dropped, or is free again."""


class Waiting(NamedTuple):
    """The seats that are waited for, and since when."""

    seats: Sequence[int]
    since_ms: int


def waiting(view: View, room: Room, pace: Pace) -> Waiting | None:
    """Who is waited for in a running room; None if nobody waits or the room is paused."""
    if is_paused(room):
        return None
    missing, posted_ms = [], []
    for index in live_seats(room):
        seat: Seat = view.value(SEATS[index])
        at_ms = [turn.at_ms for turn in seat.turns if turn.generation == pace.generation + 1]
        posted_ms.extend(at_ms)
        if not at_ms and index not in pace.skipping:
            missing.append(index)
    if not (missing and posted_ms):
        return None
    return Waiting(missing, max(pace.at_ms, view.opened_ms, min(posted_ms)))


def lag(view: View, room: Room, pace: Pace, *, limits: Limits) -> Change | None:
    """What is to be done about the seats that are waited for, now; None for nothing."""
    rules: Rules = view.documents["rules"].value
    if view.now_ms - pace.at_ms < min(rules.silence_ms, slow_ms(limits)):
        return None  # nearly every time: the packet before is not long out
    found = waiting(view, room, pace)
    if found is None:
        return None
    waited_ms = view.now_ms - found.since_ms
    if waited_ms >= rules.silence_ms and pace.noted < TOLD_SILENT:
        return _silent(rules, room, pace, found, waited_ms)
    if waited_ms >= slow_ms(limits) and pace.noted < TOLD_SLOW:
        items = tuple(Lagging(index, waited_ms) for index in found.seats)
        return Change({"pace": structs.replace(pace, noted=TOLD_SLOW)}, items, relies=("room",))
    return None


def _silent(rules: Rules, room: Room, pace: Pace, found: Waiting, waited_ms: int) -> Change:
    if rules.on_silence is OnSilence.SKIP:
        skipping = (*pace.skipping, *found.seats)
        return Change({"pace": structs.replace(pace, skipping=skipping, compared=RECOUNT)}, relies=("room",))
    if rules.on_silence is OnSilence.DROP:
        members = tuple(
            structs.replace(member, is_live=False) if member is not None and index in found.seats else member
            for index, member in enumerate(room.members)
        )
        items = tuple(Left(index, SILENT) for index in found.seats)
        put = {"room": structs.replace(room, members=members), "pace": structs.replace(pace, compared=RECOUNT)}
        return Change(put, items, relies=tuple(SEATS[index] for index in found.seats))
    lagging = tuple(Lagging(index, waited_ms) for index in found.seats)
    return Change({"pace": structs.replace(pace, noted=TOLD_SILENT)}, lagging, relies=("room",))


def absent(view: View, room: Room, *, limits: Limits) -> list[int]:
    """The seats of a room in set-up that were silent for long while another member was there; none where nobody is."""
    silent, is_there = _silent_seats(view, room, limits)
    return silent if is_there else []


def forgotten(view: View, room: Room, *, limits: Limits) -> list[int]:
    """All seats of a room in set-up, if all were silent for long: who comes lets their time begin anew."""
    if not room.state.startswith(SETUP):
        return []
    silent, is_there = _silent_seats(view, room, limits)
    return [] if is_there else silent


def _silent_seats(view: View, room: Room, limits: Limits) -> tuple[list[int], bool]:
    """The seats that were silent for long, and whether any was not."""
    since_ms = view.now_ms - round(1000 * limits.room_setup_silence_s)
    taken = [index for index, member in enumerate(room.members) if member is not None]
    silent = [index for index in taken if max(view.value(SEATS[index]).seen_ms, view.opened_ms) <= since_ms]
    return silent, len(silent) < len(taken)


def next_lag_s(view: View, *, limits: Limits) -> float:
    """Seconds until time alone may change something in the room; infinite if it will not."""
    if not view.documents:
        return math.inf
    pace: Pace = view.documents["pace"].value
    quiet_ms = pace.at_ms + limits.room_lag_ms_min - view.now_ms
    if quiet_ms > 0:
        return quiet_ms / 1000  # nearly always enough; who is woken then looks again
    room: Room = view.documents["room"].value
    if not is_running(room):
        return math.inf
    found = waiting(view, room, pace)
    if found is None or pace.noted == TOLD_SILENT:
        return math.inf
    rules: Rules = view.value("rules")
    due_ms = rules.silence_ms if pace.noted else min(rules.silence_ms, slow_ms(limits))
    return max(0, found.since_ms + due_ms - view.now_ms) / 1000


def slow_ms(limits: Limits) -> int:
    """How long a seat is waited for before the others are told."""
    return round(1000 * limits.room_slow_s)
