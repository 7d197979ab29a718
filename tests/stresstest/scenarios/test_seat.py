import pytest

from stresstest.scenarios.seat import Seat
from turnserver.protocol import answers
from turnserver.wire import requests


def seat(*, is_exact: bool, updates: int = 0) -> Seat:
    made = Seat("k", 1, is_exact=is_exact)
    for _ in range(updates):
        made.begin(b"x")
        assert made.answered(answers.NOTHING_NEW, 0)
    return made


def line(made: Seat) -> bytes:
    return requests.line(made.request)


def test_plain_counters_count_this_players_updates_and_exact_ones_the_partners_too() -> None:
    for is_exact, expected in ((False, b"6,hi,k,1,2"), (True, b"6,hi,k,1,2.3")):
        made = seat(is_exact=is_exact, updates=1)
        made.begin(b"a")
        made.answered(answers.UPDATES, 3)
        made.begin(b"hi")

        assert line(made) == expected


def test_the_request_stays_the_same_until_it_is_answered() -> None:
    made = seat(is_exact=True)
    made.begin(b"hi")

    assert line(made) == line(made)
    assert not made.answered(answers.COUNTER_AHEAD, 0)
    assert made.is_under_way


def test_after_a_full_buffer_the_plain_way_is_an_empty_update_and_the_data_under_the_next_number() -> None:
    made = seat(is_exact=False, updates=1)
    made.begin(b"big")
    lines = [line(made)]
    made.answered(answers.BUFFER_FULL, 0)
    lines.append(line(made))
    made.answered(answers.UPDATES, 2)
    lines.append(line(made))

    assert lines == [b"6,big,k,1,1", b"6,,k,1,1", b"6,big,k,1,2"]


def test_after_a_full_buffer_the_exact_way_is_to_repeat_the_number_before() -> None:
    made = seat(is_exact=True, updates=1)
    made.begin(b"big")
    lines = [line(made)]
    made.answered(answers.BUFFER_FULL, 0)
    lines.append(line(made))
    made.answered(answers.UNACKNOWLEDGED, 2)
    lines.append(line(made))

    assert lines == [b"6,big,k,1,1.0", b"6,,k,1,0.0", b"6,big,k,1,1.2"]


def test_a_late_copy_that_found_room_is_not_sent_a_second_time_under_another_number() -> None:
    made = seat(is_exact=True, updates=1)
    made.begin(b"big")
    made.answered(answers.BUFFER_FULL, 0)

    assert made.answered(answers.COUNTER_BEHIND, 0)
    assert line(made) == b"6,big,k,1,1.0"


def test_a_first_update_cannot_be_too_much() -> None:
    made = seat(is_exact=True)
    made.begin(b"big")

    assert not made.answered(answers.BUFFER_FULL, 0)


@pytest.mark.parametrize(("is_exact", "expected"), [(False, b"5,*,k,1,1"), (True, b"5,*,k,1,1.0")])
def test_who_quits_names_the_next_number(is_exact: bool, expected: bytes) -> None:  # noqa: FBT001  # a table's column
    assert requests.line(seat(is_exact=is_exact, updates=1).farewell) == expected
