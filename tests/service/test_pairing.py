"""First come, first served."""

import pytest

from tests.text_server import TextServer


def test_the_one_whose_request_makes_the_pair_plays_the_server_role() -> None:
    server = TextServer()
    ann, bob = server.registered("ann"), server.registered("bob")

    assert server.asks(ann) == "0/2/*"
    assert server.asks(bob) == "0/3/ann"
    assert server.asks(ann) == "0/4/bob"


def test_first_come_first_served_among_those_who_asked() -> None:
    server = TextServer()
    ann, bob, cleo = (server.registered(name) for name in ("ann", "bob", "cleo"))

    assert server.asks(cleo) == "0/2/*"
    assert server.asks(bob) == "0/3/cleo"
    assert server.asks(ann) == "0/2/*"


def test_asking_again_keeps_the_place() -> None:
    server = TextServer()
    pairs = [server.pair(names=(f"a{i}", f"b{i}")) for i in range(2)]
    for pair in pairs:  # four who know each other's faces only in part, so that two can wait at once
        server.say(f"1,*,{pair.client},*,*")
    first, second = (pair.server for pair in pairs)
    assert [server.asks(first), server.asks(first), server.asks(first)] == ["9/2/*", "0/2/*", "0/2/*"]

    assert server.asks(second) == "9/2/*"
    assert server.asks(second) == "0/3/a0"


def test_a_registration_alone_is_not_asking() -> None:
    server = TextServer()
    server.registered("ann")

    assert server.asks(server.registered("bob")) == "0/2/*"


def test_names_need_not_be_unique() -> None:
    server = TextServer()
    first, second = server.registered("ann"), server.registered("ann")
    server.asks(first)

    assert server.asks(second) == "0/3/ann"


@pytest.mark.parametrize("name", ["é" * 32, "a,b,c", "a|b;c", "0/9/*", " "])
def test_any_name_reaches_the_partner_as_it_is(name: str) -> None:
    server = TextServer()
    server.asks(server.registered(name))

    assert server.asks(server.registered("bob")) == f"0/3/{name}"


def test_players_of_different_titles_never_meet() -> None:
    server = TextServer()
    waiting = {title: server.registered(f"in {title}", title=title) for title in ("", "chess", "go", "Chess")}

    assert [server.asks(key) for key in waiting.values()] == ["0/2/*"] * 4
    assert server.asks(server.registered("bob", title="chess")) == "0/3/in chess"


def test_players_of_different_titles_never_meet_by_name_either() -> None:
    server = TextServer()
    server.asks(server.registered("ann", "bob", title="chess"))

    assert server.asks(server.registered("bob", "ann", title="go")) == "0/2/*"


def test_only_register_looks_at_the_title() -> None:
    server = TextServer()
    server.asks(server.registered("ann", title="chess"))
    bob = server.registered("bob", title="chess")

    assert server.say(f"2,*,{bob},*,*", "go") == "0/3/ann"
