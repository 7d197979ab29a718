"""30 seconds without a request of one player end the game."""

import pytest

from tests.text_server import Seated, TextServer
from turnserver.protocol.limits import Limits


def heard(player: Seated, *, for_s: int) -> None:
    """Let one player poll while the other is silent, each second once."""
    for counter in range(for_s):
        player.at_server.later(1)
        assert player.poll(counter) in {"0/10/*", "0/9/a"}


def heard_refused(player: Seated, *, after_s: float) -> None:
    """Let one player speak without being handed anything."""
    player.at_server.later(after_s)
    assert player.poll(9) == "19/*/*"


def test_a_game_ends_after_30_seconds_to_the_millisecond() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.poll(0)
    heard(bob, for_s=29)

    server.later(0.999)
    assert bob.poll(29) == "0/10/*"
    server.later(0.001)
    assert bob.poll(30) == "15/*/*"
    assert ann.poll(1) == "15/*/*"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("6,,{key},{index},1", id="poll"),
        pytest.param("6,,{key},{index},0", id="repeat"),
        pytest.param("6,,{key},{index},9", id="refused update"),
        pytest.param("5,,{key},{index},9", id="refused quit"),
        pytest.param("4,*,{pairing},*,*", id="late MAP_READY"),
        pytest.param("2,*,{pairing},*,*", id="late REQUEST_PAIR"),
    ],
)
def test_every_request_of_a_player_breaks_its_silence(line: str) -> None:
    server = TextServer()
    pair = server.loading()
    ready = [server.say(f"4,*,{key},*,*") for key in (*pair, pair.server)]
    ann, bob = Seated.at(server, ready[2]), Seated.at(server, ready[1])
    ann.poll(0)
    heard(bob, for_s=29)

    server.say(line.format(key=ann.key, index=ann.seat, pairing=pair.server))
    server.later(29.999)
    assert bob.poll(29) == "0/10/*"


def test_the_other_first_gets_all_that_is_buffered() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.update("a", 0)
    ann.update("b", 1)
    heard_refused(bob, after_s=15)
    server.later(15)

    assert bob.update("lost", 0) == "0/9/a|b"
    assert bob.poll(1) == "15/*/*"


def test_an_end_is_final_also_when_the_silent_player_returns() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.update("a", 0)
    heard(bob, for_s=29)
    server.later(1)
    assert bob.poll(29) == "15/*/*"

    assert ann.poll(1) == "15/*/*"
    assert bob.poll(29) == "15/*/*"
    assert ann.quit(1) == "0/12/*"


def test_the_silent_player_may_be_the_first_to_return() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.update("a", 0)
    heard(bob, for_s=5)
    server.later(25)

    assert ann.update("b", 1) == "15/*/*"
    assert bob.poll(5) == "15/*/*"


def test_of_two_silent_players_the_first_to_fall_silent_has_left() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.update("a", 0)
    server.later(1)
    bob.update("x", 0)
    server.later(40)

    assert bob.poll(0) == "0/11/a"
    assert ann.poll(1) == "15/*/*"


def test_a_game_in_which_nobody_speaks_is_forgotten() -> None:
    server = TextServer()
    ann, bob = server.game()
    server.later(60)

    assert [ann.poll(0), bob.poll(0), ann.quit(0)] == ["13/*/*"] * 3


def test_15_stays_as_long_as_it_is_asked_for() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.quit(0)

    for _ in range(10):
        server.later(30)
        assert bob.poll(0) == "15/*/*"


def test_the_time_out_is_a_setting() -> None:
    server = TextServer(Limits(play_silence_s=2, loading_silence_s=100))
    ann, bob = server.game()
    server.later(1)
    bob.poll(0)
    server.later(1)

    assert bob.poll(1) == "15/*/*"
    assert ann.poll(0) == "15/*/*"
