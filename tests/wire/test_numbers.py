import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.wire.numbers import DIGITS_MAX, number


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("7", 7), ("10", 10), ("17", 17), ("100000000000000", 10**14), ("9" * 15, 10**15 - 1)],
)
def test_a_number_is_its_decimal_digits(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("+1", id="plus"),
        pytest.param("-1", id="minus"),
        pytest.param("-0", id="minus zero"),
        pytest.param("01", id="leading zero"),
        pytest.param("00", id="two zeros"),
        pytest.param("1_0", id="underscore"),
        pytest.param(" 1", id="space before"),
        pytest.param("1 ", id="space after"),
        pytest.param("1\t", id="tab"),
        pytest.param("1\n", id="line feed"),
        pytest.param("1.0", id="point"),
        pytest.param("1e3", id="exponent"),
        pytest.param("0x1", id="hexadecimal"),
        pytest.param("*", id="star"),
        pytest.param("\u0661", id="arabic digit"),
        pytest.param("\uff11", id="full-width digit"),
        pytest.param("\u00b2", id="superscript"),
        pytest.param("1\u0661", id="mixed scripts"),
        pytest.param("1" * 16, id="16 digits"),
        pytest.param("1" * 100_000, id="100,000 digits"),
    ],
)
def test_no_other_spelling_is_a_number(text: str) -> None:
    assert number(text) is None


@given(st.integers(0, 10**DIGITS_MAX - 1))
def test_every_number_up_to_15_digits_has_its_spelling(value: int) -> None:
    assert number(str(value)) == value


@given(st.text())
def test_any_text_is_the_one_spelling_of_a_number_or_none(text: str) -> None:
    value = number(text)

    assert value is None or str(value) == text


def test_every_number_is_exact_where_numbers_are_doubles() -> None:
    assert int(float(10**DIGITS_MAX - 1)) == 10**DIGITS_MAX - 1
