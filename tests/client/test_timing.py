"""How patient a client is."""

from itertools import islice

from turnserver.client.timing import DEFAULT, Timing
from turnserver.protocol.limits import Limits


def test_the_first_repeat_comes_at_once_and_the_later_ones_after_growing_pauses() -> None:
    timing = Timing(pause_first_s=0.5, pause_most_s=2)

    assert list(islice(timing.pauses(), 6)) == [0, 0.5, 1, 2, 2, 2]


def test_no_pause_is_longer_than_the_longest() -> None:
    assert list(islice(Timing(pause_first_s=5, pause_most_s=1).pauses(), 3)) == [0, 1, 1]


def test_a_lost_request_is_repeated_before_its_player_counts_as_silent() -> None:
    unheard_s = DEFAULT.hold_s + DEFAULT.reply_s + DEFAULT.pause_most_s

    assert unheard_s < min(Limits().play_silence_s, Limits().registration_silence_s)


def test_the_default_hold_is_one_that_a_server_grants() -> None:
    assert Limits().wait_s_max >= DEFAULT.hold_s
