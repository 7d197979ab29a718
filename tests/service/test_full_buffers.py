"""At most `buffer_bytes_max` wait for one player: UTF-8 bytes, and one for each joining bar."""

import pytest

from tests.text_server import TextServer
from turnserver.protocol.limits import Limits

LIMITS = Limits(buffer_bytes_max=10)


@pytest.mark.parametrize(
    ("updates", "reply"),
    [
        pytest.param(["aaaaaaaaaa"], "0/10/*", id="exactly full"),
        pytest.param(["aaaaaaaaaaa"], "21/*/*", id="one byte more"),
        pytest.param(["aaaa", "bbbbb"], "0/10/*", id="exactly full with a bar"),
        pytest.param(["aaaa", "bbbbbb"], "21/*/*", id="the bar is the one byte more"),
        pytest.param(["a", "b", "c", "d", "e"], "0/10/*", id="four bars"),
        pytest.param(["a", "b", "c", "d", "ee", "f"], "21/*/*", id="five bars"),
        pytest.param(["ééééé"], "0/10/*", id="bytes, not letters"),
        pytest.param(["éééééé"], "21/*/*", id="one letter more"),
        pytest.param(["aaaaaaaaaa", ""], "0/10/*", id="a poll needs no room"),
    ],
)
def test_bytes_and_joining_bars_count(updates: list[str], reply: str) -> None:
    ann, _ = TextServer(LIMITS).game()

    assert [ann.update(data, counter) for counter, data in enumerate(updates)][-1] == reply


def test_the_default_is_131072_bytes() -> None:
    ann, _ = TextServer().game()
    for counter in range(8):
        assert ann.update("x" * 16_000, counter) == "0/10/*"
    rest = 131_072 - 8 * 16_000 - 8

    assert ann.update("x" * (rest + 1), 8) == "21/*/*"
    assert ann.update("x" * rest, 8) == "0/10/*"


def test_what_was_handed_out_counts_until_it_is_acknowledged() -> None:
    ann, bob = TextServer(LIMITS).game()
    ann.update("aaaaaaaaaa", 0)
    bob.poll(0)

    assert ann.update("b", 1) == "21/*/*"
    bob.poll(1)
    assert ann.update("b", 1) == "0/10/*"


def test_a_refused_update_acknowledges_nothing() -> None:
    ann, bob = TextServer(LIMITS).game()
    bob.update("x", 0)
    ann.update("aaaaaaaaaa", 0)

    assert ann.update("b", 1) == "21/*/*"
    assert ann.update("b", "1.1") == "21/*/*"
    assert ann.poll(0) == "0/11/x"


def test_a_refused_update_does_not_use_up_its_counter() -> None:
    ann, _ = TextServer(LIMITS).game()
    ann.update("aaaaaaaaaa", 0)
    ann.update("b", 1)

    assert ann.poll(2) == "19/*/*"
    assert ann.poll(1) == "0/10/*"
    assert ann.poll(1) == "0/10/*"


def test_a_repeat_needs_no_room() -> None:
    ann, _ = TextServer(LIMITS).game()
    ann.update("aaaaaaaaaa", 0)

    assert ann.update("aaaaaaaaaa", 0) == "0/10/*"


def test_two_full_buffers_empty_themselves_and_lose_nothing() -> None:
    ann, bob = TextServer(LIMITS).game()
    ann.update("aaaaaaaaaa", 0)
    bob.update("bbbbbbbbbb", 0)
    assert ann.update("c", 1) == "21/*/*"
    assert bob.update("d", 1) == "21/*/*"

    assert ann.poll(1) == "0/9/bbbbbbbbbb"
    assert bob.poll(1) == "0/10/*"
    assert ann.update("c", 2) == "0/10/*"
    assert bob.update("d", 2) == "0/9/c"
    assert ann.poll(3) == "0/9/d"


def test_21_comes_after_18_19_and_15() -> None:
    ann, bob = TextServer(LIMITS).game()
    ann.update("aaaaaaaaaa", 0)
    ann.poll(1)

    assert ann.update("b", 0) == "18/*/*"
    assert ann.update("b", 3) == "19/*/*"
    bob.quit(0)
    assert ann.update("b", 2) == "15/*/*"
