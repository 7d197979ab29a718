"""A partner is lost before play began."""

import pytest

from tests.text_server import TextServer

LOSSES = [
    pytest.param("1,*,{other},*,*", "0/1/*", id="it unregisters"),
    pytest.param("4,*,{other},*,*", "10/*/*", id="it runs ahead"),
]


@pytest.mark.parametrize(("line", "reply"), LOSSES)
def test_who_was_paired_at_random_hears_9_2_until_it_asks_again(line: str, reply: str) -> None:
    server = TextServer()
    ann, bob = server.pair()
    assert server.say(line.format(other=bob)) == reply

    assert [server.say(f"{symbol},*,{ann},*,*") for symbol in "343422"] == ["9/2/*"] * 5 + ["0/2/*"]


@pytest.mark.parametrize(("line", "reply"), LOSSES)
def test_who_wanted_that_one_by_name_hears_17(line: str, reply: str) -> None:
    server = TextServer()
    ann, bob = server.pair(by_name=True)
    assert server.say(line.format(other=bob)) == reply

    assert [server.say(f"{symbol},*,{ann},*,*") for symbol in "342134"] == ["17/*/*"] * 6


def test_the_drop_may_come_while_one_is_ready() -> None:
    server = TextServer()
    ann, bob = server.loading()
    assert server.say(f"4,*,{ann},*,*") == "0/7/*"
    server.say(f"1,*,{bob},*,*")

    assert server.say(f"4,*,{ann},*,*") == "9/2/*"


def test_only_asking_puts_back_into_the_queue() -> None:
    server = TextServer()
    ann, bob = server.loading()
    server.say(f"1,*,{bob},*,*")
    for symbol in "342":
        assert server.say(f"{symbol},*,{ann},*,*") == "9/2/*"

    assert server.asks(server.registered("cleo")) == "0/2/*"


def test_back_in_the_queue_one_stands_at_its_end() -> None:
    server = TextServer()
    ann, bob = server.pair(names=("ann", "bob"))
    server.say(f"1,*,{bob},*,*")
    server.asks(server.registered("cleo"))
    server.asks(ann)

    assert server.asks(server.registered("dan")) == "0/3/cleo"
    assert server.asks(ann) == "0/2/*"


@pytest.mark.parametrize("symbol", ["3", "4"])
def test_a_late_copy_is_not_ahead_while_one_waits_again(symbol: str) -> None:
    server = TextServer()
    ann, bob = server.loading()
    server.say(f"1,*,{bob},*,*")
    assert [server.asks(ann), server.asks(ann)] == ["9/2/*", "0/2/*"]

    assert server.say(f"{symbol},*,{ann},*,*") == "9/2/*"
    assert server.asks(server.registered("cleo")) == "0/3/ann"
    assert server.asks(ann) == "0/4/cleo"


@pytest.mark.parametrize("silence_s", [30, 59, 90, 150])
def test_a_pair_that_broke_is_not_offered_to_the_same_two_again(silence_s: float) -> None:
    server = TextServer()
    ann, bob = server.loading(key="bibbybabbis")
    server.later(silence_s)

    assert [server.asks(ann), server.asks(ann)] == ["9/2/*", "0/2/*"]
    assert [server.asks(bob), server.asks(bob)] == ["9/2/*", "0/2/*"]
    assert [server.asks(ann), server.asks(bob)] == ["0/2/*"] * 2
    assert server.asks(server.registered("cleo")) == "0/3/ann"


def test_nor_when_one_of_them_returns_long_after_the_other() -> None:
    server = TextServer()
    ann, bob = server.loading(key="bibbybabbis")
    server.later(31)
    assert [server.asks(ann), server.asks(ann)] == ["9/2/*", "0/2/*"]
    server.later(120)
    assert server.asks(ann) == "0/2/*"

    assert [server.asks(bob), server.asks(bob)] == ["9/2/*", "0/2/*"]
    assert [server.asks(ann), server.asks(bob)] == ["0/2/*"] * 2


def test_the_same_two_people_may_meet_under_new_registrations() -> None:
    server = TextServer()
    ann, bob = server.pair()
    server.say(f"1,*,{bob},*,*")
    assert [server.asks(ann), server.asks(ann)] == ["9/2/*", "0/2/*"]

    assert server.asks(server.registered("bob")) == "0/3/ann"
