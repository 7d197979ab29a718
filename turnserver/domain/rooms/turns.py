"""A seat's turn: known by seat and generation, counted once, whatever the network does to its requests.

Source: docs/rooms.md, "Turns".
"""

from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import (
    REPORTS,
    SEATS,
    Pace,
    Report,
    Room,
    Rules,
    Seat,
    Turn,
    is_running,
    packed,
)
from turnserver.messages.items import Packet
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import RoomTurn
from turnserver.partition import View
from turnserver.protocol import answers


def post(view: View, index: int, request: RoomTurn, *, packet: Packet | None) -> Change | None:
    """Take a seat's turn; what follows from it is `barrier.follow`'s.

    Args:
        view: The room.
        index: The seat.
        request: The turn.
        packet: The packet of that generation, if it is out.

    Returns:
        The change, or None for a repeat.

    Raises:
        Refused: WRONG_STATE for a room that does not run or a seat that does not play; TOO_OLD for a generation that
            the seat posted otherwise or that came out without it; TOO_FAR_AHEAD for one beyond the lookahead, and for
            a hash of a generation whose packet is not out.
    """
    room: Room = view.documents["room"].value
    member = room.members[index]
    seat: Seat = view.documents[SEATS[index]].value
    before = None if packet is None else packet.commands[index]
    for turn in seat.turns:
        if turn.generation == request.generation:
            before = turn.commands
    if before == request.commands:
        return None
    if before is not None or packet is not None:
        raise Refused(answers.TOO_OLD)
    if not is_running(room) or member is None or not member.is_live:
        raise Refused(answers.WRONG_STATE)
    rules: Rules = view.documents["rules"].value
    pace: Pace = view.documents["pace"].value
    newest = pace.generation
    if request.generation > newest + rules.lookahead or (request.checked or 0) > newest:
        raise Refused(answers.TOO_FAR_AHEAD)
    return _taken(view, index, seat, request, newest)


def _taken(view: View, index: int, seat: Seat, request: RoomTurn, newest: int) -> Change:
    turns = [turn for turn in seat.turns if turn.generation > newest]
    turns.append(Turn(request.generation, request.commands, view.now_ms))
    checked, latency_ms, framerate = request.checked, request.latency_ms, request.framerate
    taken = Seat(
        view.now_ms,
        tuple(turns),
        seat.checked if checked is None else max(checked, seat.checked),
        seat.latency_ms if latency_ms is None else latency_ms,
        seat.framerate if framerate is None else framerate,
    )
    if checked is None and latency_ms is None and framerate is None:
        return Change({SEATS[index]: taken})
    report = Report(view.now_ms, request.generation, checked, request.hash, latency_ms, framerate)
    return Change({SEATS[index]: taken}, append={REPORTS[index]: (packed(report),)})
