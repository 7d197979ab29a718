"""The form `n.r`: r alone is the acknowledgement."""

import pytest

from tests.text_server import TextServer


@pytest.mark.parametrize(
    ("counter", "reply"),
    [
        pytest.param("1.0", "0/9/a|b|c", id="nothing received"),
        pytest.param("1.1", "0/9/b|c", id="some received"),
        pytest.param("1.2", "0/9/c", id="all that was handed out received"),
        pytest.param("0.0", "0/11/a|b|c", id="a repeat, nothing received"),
        pytest.param("0.1", "0/11/b|c", id="a repeat, some received by another copy"),
        pytest.param("0.2", "0/11/c", id="a repeat, all received"),
        pytest.param("1.3", "19/*/*", id="more received than was handed out"),
        pytest.param("1", "0/9/c", id="the plain form for comparison"),
        pytest.param("0", "0/11/a|b|c", id="the plain form's repeat"),
    ],
)
def test_r_is_released_and_everything_after_it_is_handed_out(counter: str, reply: str) -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    ann.update("b", 1)
    bob.poll("0.0")
    ann.update("c", 2)

    assert bob.poll(counter) == reply


def test_r_counts_updates_and_not_polls() -> None:
    ann, bob = TextServer().game()
    ann.poll("0.0")
    ann.update("a", "1.0")
    ann.poll("2.0")
    ann.update("b", "3.0")

    assert bob.poll("0.0") == "0/9/a|b"
    assert bob.poll("1.2") == "0/10/*"


def test_a_late_copy_after_its_reply_loses_nothing() -> None:
    ann, bob = TextServer().game()
    bob.poll("0.0")
    ann.update("a", "0.0")
    bob.poll("0.0")  # a copy of the first, whose reply nobody reads

    assert bob.poll("1.0") == "0/9/a"


def test_the_plain_form_releases_what_a_late_copy_was_handed() -> None:
    ann, bob = TextServer().game()
    bob.poll(0)
    ann.update("a", 0)
    bob.poll(0)  # a copy of the first, whose reply nobody reads

    assert bob.poll(1) == "0/10/*"


def test_the_two_forms_may_be_mixed() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    bob.poll("0.0")
    ann.update("b", "1.0")

    assert bob.poll(1) == "0/9/b"
    assert bob.poll("2.1") == "0/9/b"
    assert bob.poll("3.2") == "0/10/*"
    assert bob.poll(3) == "0/10/*"


def test_a_quit_may_carry_one_and_releases_nothing() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    bob.poll("0.0")

    assert bob.quit("1.1") == "0/12/*"
    assert bob.quit("1.0") == "0/12/*"
