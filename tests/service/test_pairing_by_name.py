"""Two who name each other."""

import pytest

from tests.text_server import TextServer


def test_two_who_name_each_other_are_paired() -> None:
    server = TextServer()
    ann, bob = server.registered("ann", "bob"), server.registered("bob", "ann")

    assert server.asks(ann) == "0/2/*"
    assert server.asks(bob) == "0/3/ann"
    assert server.asks(ann) == "0/4/bob"


@pytest.mark.parametrize(
    ("name", "partner"),
    [
        pytest.param("bob", "*", id="the wanted one, who wants anyone"),
        pytest.param("bob", "cleo", id="the wanted one, who wants another"),
        pytest.param("cleo", "ann", id="one who is not wanted"),
        pytest.param("cleo", "*", id="anyone"),
        pytest.param("ann", "bob", id="one of the same name"),
        pytest.param("bob", "Ann", id="another spelling"),
    ],
)
def test_with_each_other_and_with_nobody_else(name: str, partner: str) -> None:
    server = TextServer()
    ann, other = server.registered("ann", "bob"), server.registered(name, partner)
    server.asks(ann)

    assert server.asks(other) == "0/2/*"
    assert server.asks(ann) == "0/2/*"


def test_both_must_have_asked() -> None:
    server = TextServer()
    server.registered("ann", "bob")

    assert server.asks(server.registered("bob", "ann")) == "0/2/*"


def test_of_equal_names_the_one_who_asked_first() -> None:
    server = TextServer()
    early, late = server.registered("ann", "bob"), server.registered("ann", "bob")
    server.asks(late)
    server.asks(early)
    bob = server.registered("bob", "ann")

    assert server.asks(bob) == "0/3/ann"
    assert server.asks(late) == "0/4/bob"
    assert server.asks(early) == "0/2/*"


def test_two_of_one_name_may_want_each_other() -> None:
    server = TextServer()
    first, second, third = (server.registered("ann", "ann") for _ in range(3))

    assert server.asks(first) == "0/2/*"
    assert server.asks(second) == "0/3/ann"
    assert server.asks(third) == "0/2/*"


def test_17_when_the_wanted_partner_drops() -> None:
    server = TextServer()
    ann, bob = server.pair(by_name=True)
    server.say(f"1,*,{bob},*,*")

    assert server.asks(ann) == "17/*/*"
