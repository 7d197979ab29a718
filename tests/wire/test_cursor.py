import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.wire.cursor import (
    EPOCH_LETTERS,
    LIST_EPOCH_LETTERS,
    OFFSET_LETTERS_MAX,
    counter_field,
    encode,
    field,
    parse,
)


@pytest.mark.parametrize(
    ("cursor", "text"),
    [
        (Cursor("xY", 0), "xYA"),
        (Cursor("xY", 1), "xYB"),
        (Cursor("xY", 63), "xY_"),
        (Cursor("--", 64), "--BA"),
        (Cursor("__", 99_999), "__Yaf"),
        (Cursor("__", 64**6 - 1), "________"),
        (Cursor("longerEp", 0), "longerEpA"),
        (Cursor("longerEp", 64**6 - 1), "longerEp______"),
    ],
)
def test_a_cursor_is_letters_of_epoch_and_an_offset_in_base_64(cursor: Cursor, text: str) -> None:
    assert encode(cursor) == text
    assert parse(text) == cursor


@given(st.sampled_from([EPOCH_LETTERS, LIST_EPOCH_LETTERS]), st.integers(0, 64**OFFSET_LETTERS_MAX - 1))
def test_every_offset_comes_back(epoch_letters: int, offset: int) -> None:
    cursor = Cursor("a" * epoch_letters, offset)

    assert parse(encode(cursor)) == cursor


@given(st.text())
def test_a_cursor_has_one_spelling(text: str) -> None:
    cursor = parse(text)

    assert cursor is None or encode(cursor) == text


@pytest.mark.parametrize(
    "text", ["", "x", "xY", "xYAB", "xY=", "xYB B", "xYé", "xYBBBBBBA" + "A" * 6, "longerEpAB", "*"]
)
def test_what_was_never_given_is_no_cursor(text: str) -> None:
    assert parse(text) is None


def test_an_hour_of_turns_costs_three_letters() -> None:
    assert len(encode(Cursor("ab", 5 * 3600))) - EPOCH_LETTERS == 3


@pytest.mark.parametrize(("counter", "cursor"), [("*", None), ("xYB", Cursor("xY", 1))])
def test_a_counter_holds_a_cursor_or_a_star_for_the_beginning(counter: str, cursor: Cursor | None) -> None:
    assert field(counter) == cursor
    assert counter_field(cursor) == counter


def test_a_counter_that_is_no_cursor_is_refused() -> None:
    with pytest.raises(Malformed) as caught:
        field("17.0")

    assert caught.value.answer is answers.BAD_CURSOR
