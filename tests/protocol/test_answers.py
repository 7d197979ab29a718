import re

import pytest

from turnserver.protocol import answers
from turnserver.protocol.answers import BY_PREFIX, RESERVED_NUMBERS, TABLE, Answer

HTTP_OF_ERRORS_FROM_30 = {
    30: 401,
    31: 403,
    32: 404,
    33: 409,
    34: 409,
    35: 409,
    36: 400,
    37: 409,
    38: 409,
    39: 400,
    40: 404,
    41: 405,
    42: 413,
    43: 429,
    44: 503,
}


def number(answer: Answer) -> int:
    return int(answer.code.split("/")[0])


def test_the_codes_of_the_answers_never_change() -> None:
    successes = [
        f"0/{code}" for code in (*range(14), 20, 21, 22, 26, 28, 29, 41, 42, 43, *range(50, 58), *range(60, 72))
    ]
    format_errors = ["1/*", "2/*", *(f"4/{code}" for code in range(6))]
    state_errors = ["5/*", "6/*", "9/2", *(f"{code}/*" for code in range(10, 22))]
    later_errors = [f"{code}/*" for code in range(30, 45)]

    assert [answer.code for answer in TABLE] == successes + format_errors + state_errors + later_errors


def test_no_code_stands_for_two_answers() -> None:
    assert len(BY_PREFIX) == len(TABLE)
    assert all(BY_PREFIX[answer.code] is answer for answer in TABLE)


def test_reserved_numbers_are_never_sent() -> None:
    assert not {number(answer) for answer in TABLE} & set(RESERVED_NUMBERS)


@pytest.mark.parametrize("answer", TABLE, ids=lambda answer: answer.code)
def test_every_prefix_is_a_status_and_a_code_that_a_body_can_follow(answer: Answer) -> None:
    assert re.fullmatch(rb"\d+/(\d+|\*)/", answer.prefix)


@pytest.mark.parametrize("answer", TABLE, ids=lambda answer: answer.code)
def test_the_http_status_follows_from_the_number(answer: Answer) -> None:
    expected = 400 if answer.is_error else 200

    assert answer.http == HTTP_OF_ERRORS_FROM_30.get(number(answer), expected)


def test_only_what_begins_with_0_is_no_error() -> None:
    assert [answer.is_error for answer in (answers.QUIT, answers.NO_LENGTH, answers.STORE_DOWN)] == [False, True, True]


def test_errors_that_time_can_mend_may_be_retried() -> None:
    mendable = {answer.code for answer in TABLE if answer.is_error and answer.retry}

    assert mendable == {"9/2", "11/*", "12/*", "21/*", "33/*", "35/*", "43/*", "44/*"}
