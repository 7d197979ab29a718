import pytest

from tests.domain.rooms.room_views import ANN, BOB, CID, member, seat, view
from turnserver.domain.rooms import seating
from turnserver.domain.rooms.documents import Seat, Viewer, Viewers
from turnserver.domain.rooms.seating import (
    DEAD_KEYS_KEPT,
    has_departed,
    join,
    leave,
    look,
    seat_of,
    seated,
    sign_of_life,
    start,
)
from turnserver.messages.items import Joined
from turnserver.messages.reply import Refused
from turnserver.partition import Document, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits(room_idle_s=100)


def test_a_newcomer_takes_the_first_free_seat() -> None:
    room = view(seat(), seat(), seat(), state="setup", members=[member(ANN), None, member(BOB)], now_ms=50)

    change = join(room, CID, name="cid", digest="cK", limits=LIMITS)

    assert change is not None
    assert change.items == (Joined(1, "cid"),)
    assert change.put["room"].members == (member(ANN), member(CID), member(BOB))
    assert change.put["seat1"] == Seat(50)
    assert change.aliases == ("roomkey:cK",)


def test_a_newcomer_may_look_at_a_room_that_it_can_join_and_else_is_told_why_not() -> None:
    assert look(view(seat(), state="setup"))["members"] == ["ann"]

    full = view(seat(), seat(), state="setup", rules={"most": 2})
    for room, answer in (
        (View({}, {}, 0, 0), answers.NOT_THERE),
        (view(seat()), answers.WRONG_STATE),
        (full, answers.FULL),
    ):
        with pytest.raises(Refused) as caught:
            look(room)
        assert caught.value.answer is answer


def test_a_new_key_drops_the_old_one_and_what_came_with_it() -> None:
    change = join(view(seat()), ANN, name="other", digest="new", limits=LIMITS)

    assert change is not None
    assert change.put["room"].members == (member(ANN, key="new", dead=("aK",)),)
    assert (change.items, change.aliases, change.drops) == ((), ("roomkey:new",), ("roomkey:aK",))


def test_a_key_of_a_seat_that_is_free_again_stays_dead() -> None:
    room = view(seat(), state="setup", departed=("bK",))

    with pytest.raises(Refused) as caught:
        join(room, BOB, name="bob", digest="bK", limits=LIMITS)
    assert caught.value.answer is answers.TOO_OLD


def test_only_the_latest_dead_keys_are_remembered() -> None:
    room = view(seat(), members=[member(ANN, dead=tuple("abcdefgh"))])

    change = join(room, ANN, name="ann", digest="new", limits=LIMITS)

    assert change is not None
    assert change.put["room"].members[0].dead == ("aK", *"abcdefg")
    with pytest.raises(Refused):
        join(room, ANN, name="ann", digest="h", limits=LIMITS)


def test_a_key_says_which_seat_it_gives_the_right_to() -> None:
    room = view(seat(), seat())
    watched = View({**room.documents, "viewers": Document(1, Viewers((Viewer("u", "vK", 0),)))}, {}, 0, 0)

    assert seated(room, "bK", 1) == 1
    assert seated(watched, "vK", None) is None
    for digest, index in (("bK", 0), ("bK", 9), ("bK", None), ("vK", 1)):
        with pytest.raises(Refused) as caught:
            seated(watched, digest, index)
        assert caught.value.answer is answers.NOT_ALLOWED
    for digest, index in (("xK", 0), ("xK", None), ("xK", 9)):
        with pytest.raises(Refused) as caught:
            seated(watched, digest, index)
        assert caught.value.answer is answers.NO_RIGHT


def test_keys_of_those_who_left_during_set_up_are_remembered_for_a_while() -> None:
    departed = tuple("abcdefgh")
    room = view(seat(), seat(), state="setup", departed=departed)

    change = leave(room, 1, limits=LIMITS)

    assert change is not None
    assert change.put["room"].departed == ("bK", *departed[: DEAD_KEYS_KEPT - 1])
    assert change.drops == ("roomkey:h",)
    assert has_departed(room, "a")
    assert not has_departed(room, "bK")
    assert not has_departed(View({}, {}, 0, 0), "a")


def test_signs_of_life_are_noted_now_and_then() -> None:
    assert sign_of_life(view(seat(), now_ms=9_999), 0, limits=LIMITS) is None

    change = sign_of_life(view(seat(), now_ms=10_000), 0, limits=LIMITS)

    assert change is not None
    assert (change.put, change.lasting) == ({"seat0": seat(seen_ms=10_000)}, False)


def test_the_cursor_of_a_game_is_just_before_its_first_packet() -> None:
    assert start(view(seat(), items=9, began=4)) == 4
    assert start(view(seat(), items=9, began=None, state="setup")) == 9


def test_a_seat_belongs_to_a_user() -> None:
    room = view(seat(), seat(), members=[None, member(BOB)]).value("room")

    assert (seat_of(room, BOB.user), seat_of(room, ANN.user)) == (1, None)
    assert seating.header(view(seat(), seat(), members=[None, member(BOB)]))["members"] == [None, "bob"]
