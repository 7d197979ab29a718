import pytest

from turnserver.domain.rooms.documents import Pace, Rules, Seat
from turnserver.domain.rooms.pace import CALM_PACKETS, followed
from turnserver.messages.rooms import OnSilence, Readers

RULES = Rules("r", "ab", "", 0, "e", "s", 2, 4, "", "{}", None, 200, 2, 30_000, OnSilence.WAIT, Readers.MEMBERS)
START = Pace(0, 0, 1, 200)


def after(pace: Pace, *seats: tuple[int | None, int | None], packets: int = 1) -> Pace:
    """The pace after some packets with seats of these latencies and framerates."""
    told = [Seat(0, (), -1, latency_ms, framerate) for latency_ms, framerate in seats]
    for _ in range(packets):
        pace = followed(pace, told, RULES, turn_ms_max=2000)
    return pace


def test_without_reports_turns_are_as_long_as_the_room_wants_and_have_one_iteration() -> None:
    pace = after(START, (None, None), (None, None))

    assert (pace.turn_ms, pace.iterations) == (200, 1)


def test_a_turn_has_as_many_iterations_as_the_slowest_can_do() -> None:
    assert after(START, (None, 60), (None, 30)).iterations == 6


@pytest.mark.parametrize(("latency_ms", "turn_ms"), [(100, 200), (400, 200), (401, 201), (1000, 500), (9000, 2000)])
def test_turns_posted_ahead_cover_the_worst_latency(latency_ms: int, turn_ms: int) -> None:
    assert after(START, (latency_ms, None), (10, None)).turn_ms == turn_ms


def test_longer_turns_have_more_iterations_so_that_the_game_keeps_its_speed() -> None:
    assert after(START, (1000, 60)).iterations == 30


def test_worse_is_followed_at_once() -> None:
    pace = after(START, (400, 60))

    assert after(pace, (1000, 60)).turn_ms == 500
    assert after(pace, (400, 20)).iterations == 4


def test_better_is_followed_after_a_calm_and_then_by_a_part_of_the_way() -> None:
    pace = after(START, (1000, 20))

    assert after(pace, (600, 60), packets=CALM_PACKETS - 1).turn_ms == 500
    assert after(pace, (600, 60), packets=CALM_PACKETS).turn_ms == 450
    assert after(pace, (600, 60), packets=CALM_PACKETS).framerate == 30
    assert after(pace, (600, 60), packets=20 * CALM_PACKETS).turn_ms == 300
    assert after(pace, (600, 60), packets=20 * CALM_PACKETS).framerate == 60


def test_a_calm_that_is_broken_begins_anew() -> None:
    pace = after(START, (1000, None))
    calm = after(pace, (600, None), packets=CALM_PACKETS - 1)
    broken = after(calm, (1000, None))

    assert after(broken, (600, None), packets=CALM_PACKETS - 1).turn_ms == 500


def test_what_nobody_reports_any_more_stays_as_it_was() -> None:
    pace = after(START, (1000, 30))

    assert after(pace, (None, None), packets=2 * CALM_PACKETS).turn_ms == 500
    assert after(pace, (600, None), packets=2 * CALM_PACKETS).framerate == 30
