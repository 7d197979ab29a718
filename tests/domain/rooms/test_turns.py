import pytest

from tests.domain.rooms.room_views import ANN, BOB, member, seat, view
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import Report, Turn, report_of
from turnserver.domain.rooms.turns import post
from turnserver.messages.items import Packet
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import RoomTurn
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer


def turn(generation: int, commands: str = "up", checked: int | None = None) -> RoomTurn:
    return RoomTurn("KEY", 0, None, generation, None, None, checked, "" if checked is None else "h", commands)


def taken(room: View, request: RoomTurn) -> Change:
    change = post(room, 0, request, packet=None)
    assert change is not None
    return change


def refusal(room: View, request: RoomTurn, packet: Packet | None = None) -> Answer:
    with pytest.raises(Refused) as caught:
        post(room, 0, request, packet=packet)
    return caught.value.answer


def test_a_turn_is_written_into_the_documents_of_its_seat_alone() -> None:
    change = taken(view(seat(2), seat(), now_ms=50), turn(1))

    assert change.put == {"seat0": seat(2, Turn(1, "up", 50), seen_ms=50)}
    assert (change.items, change.append, change.relies) == ((), {}, ())


def test_turns_whose_packets_are_out_are_forgotten() -> None:
    assert taken(view(seat(6, 7, 8), pace={"generation": 7}), turn(9)).put["seat0"].turns[:-1] == seat(8).turns


def test_what_a_seat_reports_is_kept_with_its_time() -> None:
    request = turn(3, checked=2)._replace(latency_ms=40, framerate=60)

    change = taken(view(seat(latency_ms=9), now_ms=50, pace={"generation": 2}), request)

    assert [report_of(entry) for entry in change.append["reports0"]] == [Report(50, 3, 2, "h", 40, 60)]
    assert (change.put["seat0"].checked, change.put["seat0"].latency_ms, change.put["seat0"].framerate) == (2, 40, 60)


def test_what_is_not_reported_is_as_before() -> None:
    before = seat(checked=2, latency_ms=40, framerate=60)

    after = taken(view(before, pace={"generation": 3}), turn(4, checked=1)).put["seat0"]

    assert (after.checked, after.latency_ms, after.framerate) == (2, 40, 60)


@pytest.mark.parametrize(
    ("room", "request_", "packet"),
    [
        (view(seat(1)), turn(1, "1"), None),
        (view(seat(), pace={"generation": 1}), turn(1), Packet(1, 1, 1, None, "", ("up",))),
        (view(seat(), state="ended/left", ended_ms=0), turn(1), Packet(1, 1, 1, None, "", ("up",))),
    ],
)
def test_the_same_turn_again_is_a_repeat(room: View, request_: RoomTurn, packet: Packet | None) -> None:
    assert post(room, 0, request_, packet=packet) is None


@pytest.mark.parametrize(
    ("room", "request_", "packet", "answer"),
    [
        (view(seat(1)), turn(1), None, answers.TOO_OLD),
        (view(seat()), turn(1), Packet(1, 1, 1, None, "", ("down",)), answers.TOO_OLD),
        (view(seat()), turn(1), Packet(1, 1, 1, None, "", (None,)), answers.TOO_OLD),
        (view(seat()), turn(3), None, answers.TOO_FAR_AHEAD),
        (view(seat()), turn(1, checked=1), None, answers.TOO_FAR_AHEAD),
        (view(seat(), state="setup"), turn(1), None, answers.WRONG_STATE),
        (view(seat(), state="ended/left", ended_ms=0), turn(1), None, answers.WRONG_STATE),
        (view(seat(), seat(), members=[member(ANN, is_live=False), member(BOB)]), turn(1), None, answers.WRONG_STATE),
    ],
)
def test_everything_else_has_its_error(room: View, request_: RoomTurn, packet: Packet | None, answer: Answer) -> None:
    assert refusal(room, request_, packet) is answer


def test_turns_are_taken_during_a_pause() -> None:
    assert taken(view(seat(), state="running/paused"), turn(2)).put["seat0"].turns == (Turn(2, "up", 0),)


def test_the_state_before_the_game_can_be_checked_too() -> None:
    assert taken(view(seat()), turn(1, checked=0)).put["seat0"].checked == 0
