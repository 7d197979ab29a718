"""Registrations and pairs end by silence."""

import pytest

from tests.text_server import TextServer
from turnserver.protocol.limits import Limits


@pytest.mark.parametrize(("key", "silence_s"), [("*", 25), ("bibbybabbis", 180)])
def test_a_registration_dies_of_silence_to_the_millisecond(key: str, silence_s: float) -> None:
    server = TextServer()
    pairing_key = server.registered(key=key)

    for _ in range(2):
        server.later(silence_s - 0.001)
        assert server.asks(pairing_key) == "0/2/*"
    server.later(silence_s)
    assert server.asks(pairing_key) == "5/*/*"


def test_who_died_waiting_is_paired_with_nobody() -> None:
    server = TextServer()
    server.asks(server.registered("ann"))
    server.later(25)

    assert server.asks(server.registered("bob")) == "0/2/*"


def test_a_line_of_the_dead_does_not_hide_the_living() -> None:
    server = TextServer(Limits(pool_candidates_max=2))
    for _ in range(5):
        server.asks(server.registered("ann", "bob"))
    server.later(20)
    ann = server.registered("ann", "bob")
    server.asks(ann)
    server.later(5)

    assert server.asks(server.registered("bob", "ann")) == "0/3/ann"
    assert server.asks(ann) == "0/4/bob"


@pytest.mark.parametrize("key", ["*", "bibbybabbis"])
def test_in_a_pair_both_kinds_live_as_long_as_the_pair_is_patient(key: str) -> None:
    server = TextServer()
    ann, bob = server.loading(key=key)
    server.later(29.999)

    assert server.asks(ann) == "0/3/bob"
    assert server.asks(bob) == "0/4/ann"


def test_a_pair_that_loads_breaks_after_30_seconds_of_silence_of_one() -> None:
    server = TextServer()
    ann, bob = server.loading(key="bibbybabbis")
    server.later(15)
    server.say(f"3,*,{ann},*,*")
    server.later(14.999)
    assert server.say(f"3,*,{ann},*,*") == "0/5/"
    server.later(0.001)

    assert server.say(f"3,*,{ann},*,*") == "9/2/*"
    assert server.say(f"3,*,{bob},*,*") == "9/2/*"


@pytest.mark.parametrize("symbol", ["3", "4"])
def test_a_request_that_hears_of_the_drop_is_a_sign_of_life(symbol: str) -> None:
    server = TextServer()
    ann, bob = server.loading()
    server.say(f"1,*,{bob},*,*")

    for _ in range(4):
        server.later(24.999)
        assert server.say(f"{symbol},*,{ann},*,*") == "9/2/*"
    server.later(25)
    assert server.say(f"{symbol},*,{ann},*,*") == "5/*/*"


def test_a_request_that_finds_no_free_game_key_is_a_sign_of_life() -> None:
    server = TextServer(Limits(matches_max=0))
    server.asks(server.registered("bob", key="bibbybabbis"))
    ann = server.registered("ann")

    for _ in range(4):
        server.later(24.999)
        assert server.asks(ann) == "12/*/*"


def test_the_time_outs_are_settings() -> None:
    server = TextServer(Limits(registration_silence_s=1, registration_silence_long_s=2))
    short, long = server.registered(), server.registered(key="bibbybabbis")
    server.later(1)

    assert server.asks(short) == "5/*/*"
    server.later(1)
    assert server.asks(long) == "5/*/*"
