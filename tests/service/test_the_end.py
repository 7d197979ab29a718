"""A quit or a silence ends the game for both, for ever."""

import pytest

from tests.text_server import Seated, TextServer
from turnserver.protocol.limits import Limits


@pytest.mark.parametrize(
    ("counter", "reply"), [(0, "18/*/*"), (1, "0/12/*"), (2, "0/12/*"), (3, "19/*/*"), ("2.0", "0/12/*")]
)
def test_a_quit_carries_n_or_the_next(counter: int | str, reply: str) -> None:
    ann, _ = TextServer().game()
    ann.poll(0)
    ann.poll(1)

    assert ann.quit(counter) == reply


def test_a_game_can_be_quit_before_the_first_update() -> None:
    ann, bob = TextServer().game()

    assert ann.quit(0) == "0/12/*"
    assert bob.poll(0) == "15/*/*"


def test_a_quit_moves_nothing_and_ignores_its_data() -> None:
    server = TextServer()
    ann, bob = server.game()
    bob.update("x", 0)
    ann.update("a", 0)

    assert server.say(f"5,good,bye,{ann.key},{ann.seat},1") == "0/12/*"
    assert bob.poll(1) == "0/9/a"
    assert ann.quit(0) == "0/12/*"
    assert ann.quit(2) == "19/*/*"


def test_the_quitters_updates_get_15() -> None:
    ann, bob = TextServer().game()
    bob.update("x", 0)
    ann.poll(0)
    ann.quit(1)

    assert ann.poll(0) == "15/*/*"
    assert ann.update("a", 1) == "15/*/*"
    assert ann.poll(3) == "19/*/*"
    assert bob.poll(1) == "15/*/*"


def test_a_repeated_quit_is_answered_again() -> None:
    ann, _ = TextServer().game()

    assert [ann.quit(0), ann.quit(0), ann.quit(0)] == ["0/12/*"] * 3


def test_the_partner_first_gets_all_that_is_buffered_and_then_15() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    bob.poll(0)
    ann.update("b", 1)
    ann.quit(2)

    assert bob.poll(0) == "0/11/a|b"
    assert bob.poll(0) == "0/11/a|b"
    assert bob.poll(1) == "15/*/*"


def test_the_partner_gets_it_with_the_next_counter_too() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    bob.poll(0)
    ann.update("b", 1)
    ann.quit(2)

    assert bob.poll(1) == "0/9/b"
    assert bob.poll(1) == "0/11/b"
    assert bob.poll("1.1") == "0/11/b"
    assert bob.poll("2.1") == "0/9/b"
    assert bob.poll("3.2") == "15/*/*"


def test_15_changes_nothing_and_stays() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    bob.poll(0)
    ann.quit(1)

    assert [bob.poll(1), bob.update("x", 1), bob.poll("1.1")] == ["15/*/*"] * 3
    assert bob.poll(2) == "19/*/*"
    assert bob.poll(0) == "0/11/a"
    assert bob.poll(1) == "15/*/*"


def test_data_for_a_player_who_left_is_discarded() -> None:
    ann, bob = TextServer(Limits(buffer_bytes_max=10)).game()
    ann.update("a", 0)
    ann.quit(1)

    assert bob.update("far too long for the buffer", 0) == "0/9/a"
    assert bob.update("b", 1) == "15/*/*"


def test_a_game_that_has_ended_can_be_quit_by_the_other_too() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    ann.quit(1)

    assert bob.quit(0) == "0/12/*"
    assert bob.poll(0) == "0/9/a"


def test_a_late_update_of_one_game_does_not_count_in_the_next_of_the_same_registration() -> None:
    server = TextServer()
    ann, bob = server.loading(key="bibbybabbis")
    first = begun(server, ann, bob)
    server.later(100)
    assert [server.say(f"4,*,{ann},*,*"), server.asks(ann), server.asks(ann)] == ["9/2/*", "9/2/*", "0/2/*"]
    cleo = server.registered("cleo")
    assert server.asks(cleo) == "0/3/ann"
    for key in (ann, cleo):
        server.asks(key)
        server.say(f"3,*,{key},*,*")
    second = begun(server, ann, cleo)

    assert first.update("late", 0) == "13/*/*"
    assert second.update("in time", 0) == "0/10/*"


def begun(server: TextServer, one: str, other: str) -> Seated:
    """The seat of the first of two who have loaded."""
    server.say(f"4,*,{one},*,*")
    server.say(f"4,*,{other},*,*")
    return Seated.at(server, server.say(f"4,*,{one},*,*"))
