"""A request for a step already taken gets that step's answer."""

import pytest

from tests.text_server import TextServer

PAIRING_SYMBOLS = ("1", "2", "3", "4")


@pytest.mark.parametrize("steps", ["2", "23", "234"])
def test_every_step_can_be_asked_for_again(steps: str) -> None:
    server = TextServer()
    ann, bob = server.pair()
    answers = {"2": "0/3/bob", "3": "0/5/", "4": "0/7/*"}
    for step in steps:
        server.say(f"{step},*,{ann},*,*")

    assert [server.say(f"{step},*,{ann},*,*") for step in steps * 2] == [answers[step] for step in steps * 2]
    assert server.asks(bob) == "0/4/ann"


def test_during_play_too() -> None:
    server = TextServer()
    ann, bob = server.loading()
    server.say(f"4,*,{ann},*,*")
    server.say(f"4,*,{bob},*,*")
    play = server.say(f"4,*,{ann},*,*")

    assert play.startswith("0/8/")
    assert [server.say(f"{step},*,{ann},*,*") for step in "2344"] == ["0/3/bob", "0/5/", play, play]


@pytest.mark.parametrize(
    ("asked", "symbol"), [(False, "3"), (False, "4"), (True, "3"), (True, "4")], ids=["-3", "-4", "23", "24"]
)
def test_a_request_ahead_of_its_state_gets_10_and_ends_the_registration(asked: bool, symbol: str) -> None:  # noqa: FBT001  # a case
    server = TextServer()
    ann = server.registered("ann")
    if asked:
        server.asks(ann)

    assert server.say(f"{symbol},*,{ann},*,*") == "10/*/*"
    assert server.asks(ann) == "10/*/*"
    assert server.asks(server.registered("bob")) == "0/2/*"


def test_ready_before_loading_is_ahead() -> None:
    server = TextServer()
    ann, _ = server.pair()

    assert server.say(f"4,*,{ann},*,*") == "10/*/*"
    assert server.say(f"3,*,{ann},*,*") == "10/*/*"


@pytest.mark.parametrize(
    ("end", "farewell"), [("1", "0/1/*"), ("3", "10/*/*"), ("17", "17/*/*")], ids=["0/1", "10", "17"]
)
@pytest.mark.parametrize(("key", "silence_s"), [("*", 25), ("bibbybabbis", 180)])
def test_an_ended_key_answers_the_same_for_one_time_out(end: str, farewell: str, key: str, silence_s: float) -> None:
    server = TextServer()
    if end == "17":
        ann, bob = server.pair(by_name=True, key=key)
        server.say(f"1,*,{bob},*,*")
        server.asks(ann)
    else:
        ann = server.registered("ann", key=key)
        assert server.say(f"{end},*,{ann},*,*") == farewell
    server.later(silence_s - 0.001)

    assert [server.say(f"{symbol},*,{ann},*,*") for symbol in PAIRING_SYMBOLS] == [farewell] * 4
    server.later(0.001)
    assert [server.say(f"{symbol},*,{ann},*,*") for symbol in PAIRING_SYMBOLS] == ["5/*/*"] * 4
