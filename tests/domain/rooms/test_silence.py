import math
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import structs

from tests.domain.rooms.room_views import ANN, BOB, CID, member, seat, view
from turnserver.domain.rooms.documents import RECOUNT, Turn
from turnserver.domain.rooms.silence import Waiting, absent, lag, next_lag_s, slow_ms, waiting
from turnserver.messages.items import Lagging, Left
from turnserver.messages.rooms import OnSilence
from turnserver.partition import View
from turnserver.protocol.limits import Limits

LIMITS = Limits(room_slow_s=1)
SILENCE: Mapping[str, Any] = {"silence_ms": 5000}


def who_waits(room: View) -> Waiting | None:
    return waiting(room, room.value("room"), room.value("pace"))


def lags(room: View) -> Any:
    return lag(room, room.value("room"), room.value("pace"), limits=LIMITS)


def test_nobody_is_waited_for_whom_nobody_waits() -> None:
    assert who_waits(view(seat(), seat())) is None
    assert who_waits(view(seat(1), seat(1))) is None
    assert who_waits(view(seat(1), seat(), state="running/paused")) is None
    assert who_waits(view(seat(1), seat(), pace={"skipping": (1,)})) is None


def test_a_seat_is_waited_for_since_the_packet_before_and_the_first_post() -> None:
    assert who_waits(view(seat(Turn(1, "", 400)), seat())) == Waiting([1], 400)
    assert who_waits(view(seat(Turn(1, "", 400)), seat(), pace={"at_ms": 900})) == Waiting([1], 900)
    assert who_waits(view(seat(Turn(1, "", 400)), seat(), seat(Turn(1, "", 300)))) == Waiting([1], 300)


def test_time_in_which_the_server_was_down_does_not_count() -> None:
    room = structs.replace(view(seat(1), seat(), now_ms=9000), opened_ms=8500)

    assert who_waits(room) == Waiting([1], 8500)
    assert lags(room) is None


def test_first_the_seat_is_slow_then_it_is_silent_and_each_is_told_once() -> None:
    slow = lags(view(seat(1), seat(), now_ms=1000, rules=SILENCE))
    silent = lags(view(seat(1), seat(), now_ms=5000, rules=SILENCE, pace={"noted": 1}))

    assert (slow.items, slow.put["pace"].noted) == ((Lagging(1, 1000),), 1)
    assert (silent.items, silent.put["pace"].noted) == ((Lagging(1, 5000),), 2)
    assert lags(view(seat(1), seat(), now_ms=999, rules=SILENCE)) is None
    assert lags(view(seat(1), seat(), now_ms=4999, rules=SILENCE, pace={"noted": 1})) is None
    assert lags(view(seat(1), seat(), now_ms=99_999, rules=SILENCE, pace={"noted": 2})) is None
    assert lags(view(seat(1), seat(1), now_ms=5000, rules=SILENCE)) is None


def test_a_room_that_skips_no_longer_waits_for_the_silent() -> None:
    change = lags(view(seat(1), seat(), seat(), now_ms=5000, rules={**SILENCE, "on_silence": OnSilence.SKIP}))

    assert change.items == ()
    assert change.put["pace"].skipping == (1, 2)
    assert change.put["pace"].compared == RECOUNT


def test_a_room_that_drops_takes_the_silent_out_of_the_game() -> None:
    change = lags(view(seat(1), seat(), seat(1), now_ms=5000, rules={**SILENCE, "on_silence": OnSilence.DROP}))

    assert change.items == (Left(1, "silent"),)
    assert change.put["room"].members == (member(ANN), member(BOB, is_live=False), member(CID))
    assert change.relies == ("seat1",)


@pytest.mark.parametrize(
    ("room", "seconds"),
    [
        (view(seat(1), seat(), now_ms=1000, rules=SILENCE), 0),
        (view(seat(1), seat(), now_ms=2000, rules=SILENCE, pace={"noted": 1}), 3),
        (view(seat(Turn(1, "", 1700)), seat(), now_ms=2000, rules=SILENCE), 0.7),
        (view(seat(1), seat(), now_ms=9000, rules=SILENCE), 0),
        (view(seat(1), seat(), now_ms=2000, rules=SILENCE, pace={"noted": 2}), math.inf),
        (view(seat(1), seat(1), now_ms=2000, rules=SILENCE), math.inf),
        (view(seat(1), seat(), now_ms=2000, state="setup"), math.inf),
        (View({}, {}, 0, 0), math.inf),
    ],
)
def test_who_waits_is_woken_when_time_alone_changes_something(room: View, seconds: float) -> None:
    assert next_lag_s(room, limits=LIMITS) == seconds
    assert slow_ms(LIMITS) == 1000


def test_not_long_after_a_packet_it_is_enough_to_look_again_later() -> None:
    assert next_lag_s(view(seat(1), seat(), now_ms=400), limits=LIMITS) == 0.6
    assert next_lag_s(view(seat(1), seat(1), now_ms=400), limits=LIMITS) == 0.6
    assert next_lag_s(view(seat(), seat(), pace={"at_ms": 5000}, now_ms=5999), limits=LIMITS) == 0.001


def absents(*seen_ms: int, now_ms: int = 120_000, **options: Any) -> list[int]:
    room = view(*(seat(seen_ms=at_ms) for at_ms in seen_ms), state="setup", now_ms=now_ms, **options)
    return absent(room, room.value("room"), limits=LIMITS)


def test_during_set_up_a_seat_that_is_silent_for_long_is_absent_while_another_member_is_there() -> None:
    assert absents(1, 0, 120_000) == [1]
    assert absents(0, 0, 1) == [0, 1]
    assert absents(1, 1) == []
    assert absents(0, 0) == []
    assert absents(0) == []
    assert absents(0, 0, 1, members=[None, member(BOB), member(CID)]) == [1]


def test_time_in_which_the_server_was_down_makes_nobody_absent() -> None:
    room = structs.replace(view(seat(), seat(seen_ms=200_000), state="setup", now_ms=200_000), opened_ms=80_001)

    assert absent(room, room.value("room"), limits=LIMITS) == []
    assert absent(structs.replace(room, now_ms=200_001), room.value("room"), limits=LIMITS) == [0]
