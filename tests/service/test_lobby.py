"""From REGISTER to the start of play, line by line, as docs/protocol.md has it."""

import pytest

from tests.text_server import TextServer
from turnserver.protocol.limits import Limits

PAIRING_SYMBOLS = ("1", "2", "3", "4")


def test_the_reply_is_a_key_of_16_url_safe_letters() -> None:
    key = TextServer().registered()

    assert len(key) == 16
    assert key.replace("-", "a").replace("_", "a").isalnum()


def test_every_register_makes_a_new_registration() -> None:
    server = TextServer()

    assert len({server.registered("ann") for _ in range(10)}) == 10


def test_11_when_there_are_as_many_registrations_as_the_server_keeps() -> None:
    server = TextServer(Limits(registrations_max=2))
    first = server.registered()
    server.registered()

    assert server.say("0,ann,*,*,*") == "11/*/*"
    assert server.asks(first) == "0/2/*"


def test_keys_of_registrations_that_died_are_free_again() -> None:
    server = TextServer(Limits(registrations_max=2))
    server.registered()
    server.registered()
    server.later(26)

    assert server.say("0,ann,*,*,*").startswith("0/0/")


@pytest.mark.parametrize("symbol", PAIRING_SYMBOLS)
@pytest.mark.parametrize("key", ["", "*", "AAAAAAAAAAAAAAAA", "x" * 1000])
def test_5_for_a_key_that_was_never_given(symbol: str, key: str) -> None:
    assert TextServer().say(f"{symbol},*,{key},*,*") == "5/*/*"


@pytest.mark.parametrize("symbol", PAIRING_SYMBOLS)
def test_5_for_a_game_key(symbol: str) -> None:
    server = TextServer()
    ann, _ = server.game()

    assert server.say(f"{symbol},*,{ann.key},*,*") == "5/*/*"


def test_the_two_roles_are_answered_5_and_6() -> None:
    server = TextServer()
    ann, bob = server.pair()

    assert server.say(f"3,*,{ann},*,*") == "0/5/"
    assert server.say(f"3,*,{bob},*,*") == "0/6/"


def test_play_begins_when_both_are_ready() -> None:
    server = TextServer()
    ann, bob = server.loading()

    assert server.say(f"4,*,{bob},*,*") == "0/7/*"
    assert server.say(f"4,*,{bob},*,*") == "0/7/*"
    first = server.say(f"4,*,{ann},*,*")
    second = server.say(f"4,*,{bob},*,*")
    assert (first[:4], first[20:]) == ("0/8/", "|0")
    assert (second[:4], second[20:]) == ("0/8/", "|1")


def test_one_may_be_ready_before_the_other_has_begun_to_load() -> None:
    server = TextServer()
    ann, bob = server.pair()
    server.say(f"3,*,{ann},*,*")

    assert server.say(f"4,*,{ann},*,*") == "0/7/*"
    assert server.say(f"3,*,{bob},*,*") == "0/6/"
    assert server.say(f"4,*,{bob},*,*").startswith("0/8/")


def test_who_unregisters_leaves_the_line() -> None:
    server = TextServer()
    ann = server.registered("ann")
    server.asks(ann)

    assert server.say(f"1,*,{ann},*,*") == "0/1/*"
    assert server.asks(server.registered("bob")) == "0/2/*"


def test_the_next_in_the_line_moves_up() -> None:
    server = TextServer()
    first, second = (server.registered("ann", "bob") for _ in range(2))
    server.asks(first)
    server.asks(second)
    server.say(f"1,*,{first},*,*")

    assert server.asks(server.registered("bob", "ann")) == "0/3/ann"
    assert server.asks(second) == "0/4/bob"


def test_during_play_it_ends_the_registration_only() -> None:
    server = TextServer()
    ann, bob = server.loading()
    server.say(f"4,*,{ann},*,*")
    key, index = server.say(f"4,*,{bob},*,*").removeprefix("0/8/").split("|")
    assert server.say(f"1,*,{ann},*,*") == "0/1/*"

    assert server.say(f"6,a,{key},{index},0") == "0/10/*"
    assert server.say(f"4,*,{ann},*,*") == "0/1/*"


def test_after_a_drop_it_is_an_ordinary_end() -> None:
    server = TextServer()
    ann, bob = server.pair()
    server.say(f"1,*,{bob},*,*")
    server.asks(ann)

    assert server.say(f"1,*,{ann},*,*") == "0/1/*"
    assert server.asks(ann) == "0/1/*"
