"""One player's side of a running game."""

import pytest

from turnserver.client.errors import GameUnknown, PartnerLeft, ProtocolError
from turnserver.client.seat import Seat
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.wire import replies, requests

FRESH = Seat(key="k" * 16, player=1)
RUNNING = Seat(key="k" * 16, player=1, counter=5, received=3)


def line(seat: Seat) -> str:
    return requests.line(seat.request).decode()


def after(seat: Seat, *lines: str) -> Seat:
    for reply in lines:
        seat, _ = seat.answered(replies.parse(reply.encode()))
    return seat


def test_the_first_update_carries_counter_0_and_nothing_received() -> None:
    assert line(FRESH.begin(b"hi")) == "6,hi,kkkkkkkkkkkkkkkk,1,0.0"


def test_each_reply_moves_the_counter_and_counts_what_came() -> None:
    seat = after(FRESH.begin(b"a"), "0/9/x|y").begin(b"b")

    assert line(seat) == "6,b,kkkkkkkkkkkkkkkk,1,1.2"


def test_the_partners_updates_come_oldest_first() -> None:
    _, items = FRESH.begin(b"").answered(replies.parse(b"0/9/x|y,z|%7C"))

    assert items == (b"x", b"y,z", b"%7C")


@pytest.mark.parametrize("code", ["0/9", "0/11"])
def test_it_does_not_matter_which_copy_of_a_request_was_answered(code: str) -> None:
    assert after(RUNNING.begin(b"a"), f"{code}/x|y") == Seat(key="k" * 16, player=1, counter=6, received=5)


def test_a_request_that_got_no_reply_is_repeated_as_it_was() -> None:
    seat = RUNNING.begin(b"a")

    assert seat.request == seat.request


def test_one_update_is_under_way_at_a_time() -> None:
    with pytest.raises(AssertionError, match="one update at a time"):
        RUNNING.begin(b"a").begin(b"b")


def test_what_is_not_under_way_cannot_be_posted() -> None:
    with pytest.raises(AssertionError, match="no update is under way"):
        assert RUNNING.request


def test_to_make_room_the_number_before_is_repeated_without_data() -> None:
    blocked = after(RUNNING.begin(b"a"), "21/*/*")

    assert line(blocked) == "6,,kkkkkkkkkkkkkkkk,1,4.3"


def test_after_making_room_the_same_data_goes_under_the_same_number_again() -> None:
    seat = after(RUNNING.begin(b"a"), "21/*/*", "0/11/x|y")

    assert line(seat) == "6,a,kkkkkkkkkkkkkkkk,1,5.5"


def test_a_copy_that_found_room_meanwhile_is_recognised() -> None:
    seat = after(RUNNING.begin(b"a"), "21/*/*", "18/*/*")

    assert line(seat) == "6,a,kkkkkkkkkkkkkkkk,1,5.3"


def test_a_first_update_that_finds_no_room_never_will() -> None:
    with pytest.raises(ProtocolError, match="buffer is too small"):
        after(FRESH.begin(b"a"), "21/*/*")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answers.PARTNER_LEFT, PartnerLeft),
        (answers.NO_SUCH_GAME, GameUnknown),
        (answers.NOT_IN_GAME, GameUnknown),
        (answers.COUNTER_BEHIND, ProtocolError),
        (answers.COUNTER_AHEAD, ProtocolError),
        (answers.REGISTERED, ProtocolError),
    ],
)
def test_any_other_answer_is_an_error(answer: Answer, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        RUNNING.begin(b"a").answered(Reply(answer))


def test_a_second_full_buffer_in_a_row_makes_no_sense() -> None:
    with pytest.raises(ProtocolError):
        after(RUNNING.begin(b"a"), "21/*/*", "21/*/*")


@pytest.mark.parametrize("seat", [RUNNING, RUNNING.begin(b"a")])
def test_the_farewell_is_right_whether_the_update_under_way_was_stored_or_not(seat: Seat) -> None:
    assert requests.line(seat.farewell) == b"5,*,kkkkkkkkkkkkkkkk,1,5.3"
