"""The barrier: what follows in a room by itself, once turns were posted, hashes reported, or time has passed.

The packet of a generation comes out when every live seat has posted its turn; then the next may be complete already.
Whoever looks at a room carries out first what follows, so a server that stopped in between loses nothing, and of
several servers any one can do it: all of them would do the same, and the counters let it happen once.

Source: docs/rooms.md, "Turns".
"""

from collections.abc import Sequence

from msgspec import structs

from turnserver.domain.rooms import pace as paces
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import (
    RECOUNT,
    SEATS,
    Pace,
    Posted,
    Room,
    Rules,
    Seat,
    Turn,
    is_ended,
    is_paused,
    is_running,
    live_seats,
)
from turnserver.domain.rooms.ending import CLOSED, DIVERGED, EXPIRED, end
from turnserver.domain.rooms.hashes import Agreed, compare
from turnserver.domain.rooms.seating import vacate
from turnserver.domain.rooms.silence import SILENT, TOLD_NOBODY, absent, lag
from turnserver.messages.items import Diverged, Packet
from turnserver.partition import View
from turnserver.protocol.limits import Limits

_EMPTY = Seat(0)
"""A seat that nobody ever took."""


def follow(view: View, *, limits: Limits, after: int | None = None) -> Change | None:
    """The next thing that follows in the room as it is, or None.

    Args:
        view: The room.
        limits: The rooms' limits count.
        after: Reports of generations after this one are compared again: one of them has just come. None if there is no
            such reason.
    """
    if not view.documents:
        return None
    room: Room = view.documents["room"].value
    pace: Pace = view.documents["pace"].value
    is_early = view.now_ms - pace.at_ms < limits.room_lag_ms_min and pace.compared != RECOUNT
    if after is None and is_early and is_awaited(view):
        return None  # nearly every request ends here
    if is_ended(room):
        return None
    if _is_idle(view, room, pace, limits):
        return end(room, EXPIRED, now_ms=view.now_ms, limits=limits)
    if not is_running(room):
        return vacate(view, absent(view, room, limits=limits), SILENT)
    live = live_seats(room)
    verdict = _verdict(view, live, pace, after)
    if isinstance(verdict, Diverged):
        return end(room, DIVERGED, now_ms=view.now_ms, limits=limits, before=(verdict,))
    if is_paused(room):
        return None
    return _packets(view, live, pace, verdict, limits) or lag(view, room, pace, limits=limits)


def is_early(view: View, *, limits: Limits) -> bool:
    """True while no time limit can have passed in a room: nothing follows that did not follow from its documents."""
    pace: Pace = view.documents["pace"].value
    return view.now_ms - pace.at_ms < limits.room_lag_ms_min


def is_awaited(view: View) -> bool:
    """True if a seat has not posted the next turn that must."""
    documents = view.documents
    room: Room = documents["room"].value
    pace: Pace = documents["pace"].value
    generation = pace.generation + 1
    for index, member in enumerate(room.members):
        if member is None or not member.is_live:
            continue
        turns = documents[SEATS[index]].value.turns
        is_newest = turns and turns[-1].generation == generation
        if not is_newest and index not in pace.skipping and not _has_turn(turns, generation):
            return True
    return False


def _is_idle(view: View, room: Room, pace: Pace, limits: Limits) -> bool:
    idle_since_ms = view.now_ms - round(1000 * limits.room_idle_s)
    if max(pace.at_ms, view.opened_ms) > idle_since_ms:
        return False
    seats: list[Seat] = [view.value(SEATS[index]) for index, member in enumerate(room.members) if member is not None]
    return all(seat.seen_ms <= idle_since_ms for seat in seats)


def _verdict(view: View, live: Sequence[int], pace: Pace, after: int | None) -> Agreed | Diverged | None:
    """What the reports come to that have not been compared before."""
    since = pace.compared if after is None else min(after, pace.compared)
    heard = [index for index in live if index not in pace.skipping] if pace.skipping else live
    for index in heard:
        if view.documents[SEATS[index]].value.checked <= since:
            return None  # nearly every time: somebody has nothing new to compare
    return compare(view, heard, after=since)


def _packets(view: View, live: Sequence[int], pace: Pace, verdict: Agreed | None, limits: Limits) -> Change | None:
    """All packets that are complete."""
    room: Room = view.documents["room"].value
    if is_awaited(view):
        return None
    if _record_bytes(view) > limits.room_record_bytes_max:
        return end(room, CLOSED, now_ms=view.now_ms, limits=limits)
    seats: list[Seat] = [view.value(SEATS[index]) or _EMPTY for index in range(len(room.members))]
    rules: Rules = view.value("rules")
    turn_ms_max = limits.room_turn_ms_max
    items, pace = packets(seats, live, pace, rules, verdict, now_ms=view.now_ms, turn_ms_max=turn_ms_max)
    if not items:
        return None
    filled = {index for index in live for packet in items if packet.commands[index] is None}
    # A seat that is passed over is written, so that a turn which it posts elsewhere at this moment is not lost.
    passed_over = {SEATS[index]: seats[index] for index in sorted(filled)}
    return Change({"pace": pace, **passed_over}, tuple(items), relies=("room",))


def packets(  # noqa: PLR0913  # all that packets are made of
    seats: Sequence[Posted],
    live: Sequence[int],
    pace: Pace,
    rules: Rules,
    verdict: Agreed | None,
    *,
    now_ms: int,
    turn_ms_max: int,
) -> tuple[list[Packet], Pace]:
    """The packets that are complete, and the pace after them.

    Args:
        seats: All seats, by index.
        live: The indexes of those that play.
        pace: As of the packet before.
        rules: Turn length and lookahead count.
        verdict: What the first of them tells of hashes.
        now_ms: The store's clock.
        turn_ms_max: The longest turn that a latency may lead to.
    """
    found = []
    while _is_complete(seats, live, pace):
        following = paces.followed(pace, [seats[index] for index in live], rules, turn_ms_max=turn_ms_max)
        packet = _packet(seats, pace, following, verdict)
        pace = _passed(following, packet, seats, verdict, now_ms=now_ms)
        found.append(packet)
        verdict = None  # it was told
    return found, pace


def _is_complete(seats: Sequence[Posted], live: Sequence[int], pace: Pace) -> bool:
    """True if somebody has posted the next turn, and everybody who is waited for."""
    posted = {index for index in live if _has_turn(seats[index].turns, pace.generation + 1)}
    return bool(posted) and posted.issuperset(index for index in live if index not in pace.skipping)


def _packet(seats: Sequence[Posted], before: Pace, now: Pace, verdict: Agreed | None) -> Packet:
    generation = before.generation + 1
    is_first = generation == 1
    is_news = verdict is not None and verdict.generation > before.agreed
    return Packet(
        generation,
        now.iterations if is_first or now.iterations != before.iterations else None,
        now.turn_ms if is_first or now.turn_ms != before.turn_ms else None,
        verdict.generation if verdict is not None and is_news else None,
        verdict.hash if verdict is not None and is_news else "",
        tuple(_commands(seat, generation) for seat in seats),
    )


def _passed(pace: Pace, packet: Packet, seats: Sequence[Posted], verdict: Agreed | None, *, now_ms: int) -> Pace:
    """The pace once the packet is out; who has posted again is waited for again."""
    ahead = packet.generation + 1
    skipping = tuple(
        index
        for index in pace.skipping
        if packet.commands[index] is None and not any(turn.generation >= ahead for turn in seats[index].turns)
    )
    compared = pace.compared if verdict is None else max(verdict.generation, pace.compared)
    return structs.replace(
        pace,
        generation=packet.generation,
        at_ms=now_ms,
        skipping=skipping,
        noted=TOLD_NOBODY,
        agreed=pace.agreed if packet.checked is None else packet.checked,
        compared=compared if skipping == pace.skipping else RECOUNT,
    )


def _has_turn(turns: Sequence[Turn], generation: int) -> bool:
    for turn in turns:  # noqa: SIM110  # on the hot path a generator costs more than all the rest
        if turn.generation == generation:
            return True
    return False


def _commands(seat: Posted, generation: int) -> str | None:
    """What a seat posted for the generation, also if it has left since; None if it gave nothing."""
    for turn in seat.turns:
        if turn.generation == generation:
            return turn.commands
    return None


def _record_bytes(view: View) -> int:
    return sum(stream.size for stream in view.streams.values())
