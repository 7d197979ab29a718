"""Texts as the data of updates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.client import texts
from turnserver.messages.relay import GameUpdate
from turnserver.protocol.limits import Limits
from turnserver.wire import requests

COUNTER_MAX = 10**15 - 1


@given(st.text(min_size=1))
def test_any_text_comes_back_as_it_was_and_travels_without_bars_and_line_breaks(text: str) -> None:
    data = texts.data(text)

    assert texts.text(data) == text
    assert not set(data) & set(b"|\r\n")


def test_the_longest_text_fits_into_a_request_whatever_the_counters() -> None:
    data = texts.data("x" * texts.DATA_BYTES_MAX)
    request = GameUpdate("k" * 16, 1, COUNTER_MAX, COUNTER_MAX, data)

    assert requests.parse(requests.line(request), Limits()) == request


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "empty"), ("x" * (texts.DATA_BYTES_MAX + 1), "too long"), ("%" * 6000, "too long"), ("\ud800", "surrogates")],
)
def test_a_text_that_cannot_travel_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        texts.data(text)


@given(st.text(), st.integers(min_value=4, max_value=40))
def test_pieces_fit_and_are_the_text_again(text: str, bytes_max: int) -> None:
    pieces = list(texts.pieces(text, bytes_max=bytes_max))

    assert "".join(pieces) == text
    assert all(0 < len(texts.data(piece)) <= bytes_max for piece in pieces)


def test_a_text_that_fits_is_one_piece() -> None:
    assert list(texts.pieces("x" * texts.DATA_BYTES_MAX)) == ["x" * texts.DATA_BYTES_MAX]


def test_bytes_of_a_strange_client_are_shown_as_well_as_possible() -> None:
    assert texts.text(b"100% sure %C3%A9 %ff") == "100% sure é �"
