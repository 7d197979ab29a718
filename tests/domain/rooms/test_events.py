import pytest

from tests.domain.rooms.room_views import ANN, BOB, member, seat, view
from turnserver.domain.rooms.events import send
from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Moved
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import RoomEvent
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer

CURSOR = Cursor("ab", 5)


def refusal(room: View, index: int, event: str) -> Answer:
    with pytest.raises(Refused) as caught:
        send(room, index, RoomEvent("KEY", index, CURSOR, event))
    return caught.value.answer


def test_a_pause_remembers_what_it_interrupts() -> None:
    change = send(view(seat(), state="running/night"), 0, RoomEvent("KEY", 0, CURSOR, "pause"))

    assert change is not None
    assert change.items == (Moved("running/paused"),)
    assert change.put["room"].resumes == "running/night"
    assert "pace" not in change.put


def test_resuming_goes_back_and_begins_everybodys_patience_anew() -> None:
    paused = view(seat(), state="running/paused", resumes="running/night", now_ms=9000, pace={"noted": 1})

    change = send(paused, 0, RoomEvent("KEY", 0, CURSOR, "resume"))

    assert change is not None
    assert change.items == (Moved("running/night"),)
    assert (change.put["pace"].at_ms, change.put["pace"].noted) == (9000, 0)


def test_the_host_is_the_first_who_plays() -> None:
    chart = {"chart": '{"running":{"on":{"GO":""}},"by":{"GO":"host"}}'}
    members = [member(ANN, is_live=False), member(BOB)]
    room = view(seat(), seat(), members=members, rules=chart)

    assert send(room, 1, RoomEvent("KEY", 1, CURSOR, "GO")) is not None
    assert refusal(room, 0, "GO") is answers.WRONG_STATE
    assert refusal(view(seat(), seat(), rules=chart), 1, "GO") is answers.NOT_ALLOWED


def test_an_ended_room_takes_no_event() -> None:
    assert refusal(view(seat(), state="ended/left", ended_ms=1), 0, "pause") is answers.WRONG_STATE
