import math

import pytest

from turnserver.domain.feed import is_older, making_room, never_s, news
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused
from turnserver.partition import EMPTY, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

STREAM = EMPTY.appended([b"a", b"bb", b"ccc"]).released(1)


@pytest.mark.parametrize(
    ("cursor", "items", "is_lost"),
    [
        pytest.param(None, [b"bb", b"ccc"], False, id="the beginning of what is kept"),
        pytest.param(Cursor("ep", 1), [b"bb", b"ccc"], False, id="all that is kept is new"),
        pytest.param(Cursor("ep", 2), [b"ccc"], False, id="one is new"),
        pytest.param(Cursor("ep", 3), [], False, id="nothing is new"),
        pytest.param(Cursor("ep", 0), [b"bb", b"ccc"], True, id="the first is gone"),
        pytest.param(Cursor("EP", 9), [b"bb", b"ccc"], True, id="another list"),
    ],
)
def test_a_reader_gets_what_is_new_and_hears_of_what_is_lost(
    cursor: Cursor | None, items: list[bytes], *, is_lost: bool
) -> None:
    assert news(STREAM, "ep", cursor) == (items, Cursor("ep", 3), is_lost)


def test_a_cursor_that_was_never_given_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        news(STREAM, "ep", Cursor("ep", 4))

    assert caught.value.answer is answers.BAD_CURSOR


@pytest.mark.parametrize(
    ("cursor", "expected"),
    [(Cursor("ep", 0), True), (Cursor("EP", 2), True), (Cursor("ep", 1), False), (Cursor("ep", 3), False)],
)
def test_what_happened_before_all_that_is_kept_is_not_remembered(cursor: Cursor, *, expected: bool) -> None:
    assert is_older(STREAM, "ep", cursor) is expected


@pytest.mark.parametrize(
    ("adds_bytes", "items_max", "bytes_max", "upto"),
    [
        pytest.param(1, 3, 100, 1, id="there is room"),
        pytest.param(1, 2, 100, 2, id="one too many"),
        pytest.param(4, 9, 11, 1, id="just fits"),
        pytest.param(5, 9, 11, 2, id="a byte too many"),
        pytest.param(99, 9, 11, 3, id="all must go"),
    ],
)
def test_the_oldest_make_room_for_one_more(adds_bytes: int, items_max: int, bytes_max: int, upto: int) -> None:
    assert making_room(STREAM, adds_bytes=adds_bytes, items_max=items_max, bytes_max=bytes_max) == upto


def test_time_alone_brings_nothing_new() -> None:
    assert never_s(View({}, {}, 0, 0), limits=Limits()) == math.inf
