"""Events: pause, resume, and the game's own, as the state chart has them.

Source: docs/rooms.md, "State charts".
"""

import msgspec
from msgspec import structs

from turnserver.domain.rooms import acts
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.chart import may_send, next_state
from turnserver.domain.rooms.documents import Pace, Room, Rules, is_ended, is_paused, live_seats
from turnserver.domain.rooms.setup import with_member
from turnserver.domain.rooms.silence import TOLD_NOBODY
from turnserver.messages.items import Moved
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import RoomEvent
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.symbols import Symbol

_EVENT = Symbol.ROOM_EVENT.value


def send(view: View, index: int, request: RoomEvent) -> Change | None:
    """Move the room to the state that an event leads to.

    Returns:
        The change, or None for a repeat.

    Raises:
        Refused: WRONG_STATE where the chart does not take the event now or the seat plays no longer, NOT_ALLOWED for a
            seat that may not send it, TOO_OLD for a late copy.
    """
    room: Room = view.value("room")
    member = room.members[index]
    assert member is not None
    if is_ended(room) or not member.is_live:
        raise Refused(answers.WRONG_STATE)
    if acts.is_repeat(member, _EVENT, request.cursor, request.event):
        return None
    rules: Rules = view.value("rules")
    chart = msgspec.json.decode(rules.chart)
    if not may_send(chart, request.event, index, host=live_seats(room)[0]):
        raise Refused(answers.NOT_ALLOWED)
    state = next_state(chart, room.state, request.event, resumes=room.resumes)
    if state is None:
        raise Refused(answers.WRONG_STATE)
    member = acts.remembering(member, _EVENT, request.cursor, request.event)
    return _moved(view, with_member(room, index, member), state)


def _moved(view: View, room: Room, state: str) -> Change:
    """The change to another state. A pause remembers what it interrupts; after it everybody's patience begins anew."""
    moved = structs.replace(room, state=state)
    if is_paused(moved) and not is_paused(room):
        moved = structs.replace(moved, resumes=room.state)
    if is_paused(room) and not is_paused(moved):
        pace: Pace = view.value("pace")
        rested = structs.replace(pace, at_ms=view.now_ms, noted=TOLD_NOBODY)
        return Change({"room": moved, "pace": rested}, (Moved(state),))
    return Change({"room": moved}, (Moved(state),))
