import pytest

from tests.domain.rooms.room_views import ANN, member
from turnserver.domain.rooms.acts import is_repeat, remembering
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused
from turnserver.protocol import answers

ACTED = remembering(member(ANN), "23", Cursor("ab", 5), "x")


def test_the_same_action_with_the_same_cursor_is_a_repeat() -> None:
    assert is_repeat(ACTED, "23", Cursor("ab", 5), "x")


@pytest.mark.parametrize(
    ("symbol", "cursor", "digest"),
    [("23", Cursor("ab", 5), "y"), ("23", Cursor("ab", 6), "x"), ("24", Cursor("ab", 4), "x"), ("23", None, "x")],
)
def test_another_action_is_none(symbol: str, cursor: Cursor | None, digest: str) -> None:
    assert not is_repeat(ACTED, symbol, cursor, digest)


def test_an_action_from_before_the_latest_is_too_old() -> None:
    with pytest.raises(Refused) as caught:
        is_repeat(ACTED, "23", Cursor("ab", 4), "x")

    assert caught.value.answer is answers.TOO_OLD


def test_one_action_of_each_symbol_is_remembered() -> None:
    more = remembering(remembering(ACTED, "24", Cursor("ab", 6), "1"), "23", Cursor("ab", 7), "z")

    assert [(act.symbol, act.digest) for act in more.acts] == [("24", "1"), ("23", "z")]
    assert remembering(ACTED, "23", None, "z") == ACTED
