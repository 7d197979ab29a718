from typing import Any

import pytest

from tests.domain.rooms.room_views import ANN, BOB, CID, member, seat, view
from turnserver.domain.rooms.barrier import follow
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import RECOUNT
from turnserver.messages.items import Diverged, Left, Moved, Packet
from turnserver.partition import View
from turnserver.protocol.limits import Limits

LIMITS = Limits(room_idle_s=100, room_setup_silence_s=1000)


def follows(room: View, **options: Any) -> Change:
    change = follow(room, limits=LIMITS, **options)
    assert change is not None
    return change


def packets(room: View) -> list[Any]:
    return [item.commands if isinstance(item, Packet) else item for item in follows(room).items]


def test_nothing_follows_where_somebody_is_missing() -> None:
    assert follow(view(seat(1), seat(2), seat(1)), limits=LIMITS) is None
    assert follow(view(seat(), seat()), limits=LIMITS) is None
    assert follow(view(seat(1), seat(1), state="running/paused"), limits=LIMITS) is None
    assert follow(view(seat(1), seat(1), state="setup"), limits=LIMITS) is None
    assert follow(view(seat(1), seat(1), state="ended/left", ended_ms=0), limits=LIMITS) is None
    assert follow(View({}, {}, 0, 0), limits=LIMITS) is None


def test_all_packets_that_are_complete_come_out_together() -> None:
    assert packets(view(seat(1, 2, 3), seat(3, 1, 2))) == [("1", "1"), ("2", "2"), ("3", "3")]
    assert packets(view(seat(1, 2), seat(1, 3))) == [("1", "1")]


def test_a_packet_relies_on_the_room_and_on_the_packets_before_but_on_no_seat() -> None:
    batch = follows(view(seat(1), seat(1))).batch(view(seat(1), seat(1), items=4), [b"t:1"])

    assert batch.expect == {"pace": 1, "room": 1, "items": 4}


def test_an_empty_seat_and_one_that_left_hold_nothing_but_what_they_had_posted() -> None:
    gone = member(BOB, is_live=False)

    assert packets(view(seat(1), seat(), seat(1), members=[member(ANN), None, member(CID)])) == [("1", None, "1")]
    assert packets(view(seat(1), seat(), members=[member(ANN), gone])) == [("1", None)]
    assert packets(view(seat(1), seat(1), members=[member(ANN), gone])) == [("1", "1")]


def test_a_seat_that_is_skipped_is_not_waited_for_and_is_written_so_that_no_turn_is_lost() -> None:
    change = follows(view(seat(1), seat(), pace={"skipping": (1,)}))

    assert change.put["seat1"] == seat()
    assert change.put["pace"].skipping == (1,)


def test_a_skipped_seat_that_has_posted_is_waited_for_again() -> None:
    skipping: Any = {"skipping": (1,), "compared": 7}

    now = follows(view(seat(1), seat(1), pace=skipping)).put["pace"]
    ahead = follows(view(seat(1), seat(2), pace=skipping)).put["pace"]

    assert (now.skipping, now.compared) == ((), RECOUNT)
    assert (ahead.generation, ahead.skipping) == (1, ())


def test_where_all_are_silent_nothing_comes_out() -> None:
    assert follow(view(seat(), seat(), pace={"skipping": (0, 1)}), limits=LIMITS) is None


def test_the_first_packet_tells_iterations_and_turn_length_and_later_ones_their_changes() -> None:
    first = follows(view(seat(1, framerate=60), seat(1))).items[0]
    second = follows(view(seat(8, framerate=60), seat(8), pace={"generation": 7, "iterations": 12})).items[0]

    assert isinstance(first, Packet)
    assert isinstance(second, Packet)
    assert (first.iterations, first.turn_ms) == (12, 200)
    assert (second.iterations, second.turn_ms) == (None, None)


def test_an_agreement_travels_with_the_first_packet_that_follows_it() -> None:
    told = {0: [(4, "a"), (5, "b")], 1: [(5, "b")]}
    seats = (seat(7, 8, checked=5), seat(7, 8, checked=5))

    change = follows(view(*seats, pace={"generation": 6}, reports=told))
    checked = [(item.checked, item.hash) for item in change.items if isinstance(item, Packet)]

    assert checked == [(5, "b"), (None, "")]
    assert (change.put["pace"].agreed, change.put["pace"].compared) == (5, 5)


def test_an_agreement_that_was_told_is_not_told_again() -> None:
    told = {0: [(5, "b")], 1: [(5, "b")]}
    seats = (seat(7, checked=5), seat(7, checked=5))

    change = follows(view(*seats, pace={"generation": 6, "agreed": 5}, reports=told))

    assert change.items == (Packet(7, None, None, None, "", ("7", "7")),)
    assert (change.put["pace"].agreed, change.put["pace"].compared) == (5, 5)


def test_a_divergence_ends_the_room_also_while_it_is_paused() -> None:
    told = {0: [(5, "a")], 1: [(5, "b")]}
    seats = (seat(7, checked=5), seat(7, checked=5))

    for state in ("running", "running/paused"):
        change = follows(view(*seats, state=state, pace={"generation": 6}, reports=told))
        assert change.items == (Diverged(5, (), ((0, "a"), (1, "b")), ()), Moved("ended/diverged"))


def test_what_was_compared_is_compared_again_when_a_late_report_has_come() -> None:
    told = {0: [(4, "a"), (5, "b")], 1: [(5, "b"), (4, "x")]}
    room = view(seat(checked=5), seat(checked=5), pace={"generation": 6, "compared": 5}, reports=told)

    assert follow(room, limits=LIMITS) is None
    assert isinstance(follows(room, after=3).items[0], Diverged)


@pytest.mark.parametrize("state", ["setup", "running", "running/paused"])
def test_a_room_that_no_member_asks_for_anything_ends(state: str) -> None:
    used = view(seat(seen_ms=50_000), seat(), state=state, now_ms=149_999, members=[member(ANN), member(BOB), None])
    unused = view(seat(seen_ms=50_000), seat(), state=state, now_ms=150_000, members=[member(ANN), member(BOB), None])

    assert follow(used, limits=LIMITS) is None
    assert follows(unused).items == (Moved("ended/expired"),)


def test_a_room_whose_record_is_full_ends() -> None:
    room = view(seat(1), seat(1), items=100)

    assert follow(room, limits=Limits(room_record_bytes_max=1000)) is not None
    assert follows(room).items != (Moved("ended/closed"),)
    closed = follow(room, limits=Limits(room_record_bytes_max=999))
    assert closed is not None
    assert closed.items == (Moved("ended/closed"),)


def test_during_set_up_seats_are_free_again_whose_members_are_gone_for_long() -> None:
    here, gone = seat(seen_ms=300_000), seat()
    room = view(gone, here, gone, state="setup", now_ms=300_000, began=None)

    change = follow(room, limits=Limits())

    assert change is not None
    assert change.items == (Left(0, "silent"), Left(2, "silent"))
    assert change.put["room"].members == (None, member(BOB), None)
    assert change.put["room"].departed == ("aK", "cK")
    assert set(change.relies) == {"seat0", "seat2"}
    assert follow(view(here, here, state="setup", now_ms=300_000, began=None), limits=Limits()) is None


def test_a_game_begins_when_only_those_were_not_ready_who_are_gone() -> None:
    here = seat(seen_ms=300_000)
    ready = [member(ANN, is_ready=True), member(BOB, is_ready=True), member(CID)]
    room = view(here, here, seat(), state="setup", now_ms=300_000, began=None, members=ready)

    change = follow(room, limits=Limits())

    assert change is not None
    assert change.items == (Left(2, "silent"), Moved("running"))
