from tests.domain.rooms.room_views import ANN, BOB, member, seat, view
from turnserver.domain.rooms.listing import entered, list_partition, listed, named
from turnserver.messages.rooms import Filter, Listed
from turnserver.partition import EMPTY, View
from turnserver.protocol.limits import Limits

LIMITS = Limits(rooms_listed_max=3)


def titled(*rooms: bytes) -> View:
    return View({}, {"opened": EMPTY.appended(rooms)}, 0, 0)


def test_rooms_are_named_newest_first_and_once() -> None:
    assert named(titled(b"a", b"b", b"a", b"c")) == ["c", "a", "b"]
    assert named(View({}, {}, 0, 0)) == []


def test_the_oldest_of_a_long_list_leave_it() -> None:
    short = entered(titled(b"a", b"b"), "c", limits=LIMITS)
    long = entered(titled(b"a", b"b", b"c"), "d", limits=LIMITS)

    assert (short.append, short.release) == ({"opened": (b"c",)}, {})
    assert (long.append, long.release) == ({"opened": (b"d",)}, {"opened": 1})


def test_a_list_is_changed_without_relying_on_it_so_nobody_is_overtaken() -> None:
    assert entered(titled(b"a"), "b", limits=LIMITS).expect == {}
    assert list_partition("chess") == "rooms:chess"


def test_a_room_is_listed_with_its_parent_state_and_those_who_play() -> None:
    room = view(seat(), seat(), state="running/night", members=[member(ANN), member(BOB, is_live=False)])

    assert listed(room, Filter()) == Listed("ROOM", "running", 1, 4, "")
    assert listed(view(seat(), state="ended/left", ended_ms=0), Filter()) is None
    assert listed(View({}, {}, 0, 0), Filter()) is None


def test_a_room_has_a_seat_for_a_newcomer_during_set_up_alone() -> None:
    setup = view(seat(), state="setup", began=None)

    assert listed(setup, Filter(has_seat=True)) is not None
    assert listed(setup, Filter(has_seat=False)) is None
    assert listed(view(seat()), Filter(has_seat=True)) is None
