"""A steady beat, and reports that are worth their bytes."""

from turnserver.client.pacing import ROUNDS_KEPT, Beat, Gauge
from turnserver.messages.items import Packet


def packet(iterations: int | None, turn_ms: int | None) -> Packet:
    return Packet(1, iterations, turn_ms, None, "", ())


def test_the_packets_say_the_pace_and_silence_leaves_it() -> None:
    beat = Beat(200)
    beat.follow(packet(3, 50))
    beat.follow(packet(None, None))

    assert (beat.iterations, beat.turn_ms) == (3, 50)


def test_a_turn_that_comes_a_little_late_does_not_move_the_next() -> None:
    beat = Beat(200)
    beat.struck(10.0)
    beat.struck(10.25)

    assert round(beat.due_s, 6) == 10.4


def test_after_a_long_pause_the_beat_begins_anew() -> None:
    beat = Beat(200)
    beat.struck(10.0)
    beat.struck(20.0)

    assert round(beat.due_s, 6) == 20.2


def test_the_least_of_the_latest_measures_is_reported() -> None:
    gauge = Gauge()
    assert gauge.news() is None
    for value in (50, 40, 60):
        gauge.measured(value)

    assert gauge.news() == 40


def test_what_is_about_the_same_is_not_reported_again() -> None:
    gauge = Gauge()
    gauge.measured(40)
    gauge.told(40)
    gauge.measured(36)
    gauge.told(None)
    assert gauge.news() is None

    gauge.measured(20)
    assert gauge.news() == 20


def test_old_measures_are_forgotten() -> None:
    gauge = Gauge()
    gauge.measured(1)
    for _ in range(ROUNDS_KEPT):
        gauge.measured(100)

    assert gauge.news() == 100
