"""Pause, resume and the game's own states, line by line, as docs/rooms.md has them."""

import pytest

from tests.room_server import members, playing
from tests.text_server import TextServer
from turnserver.messages.items import Left


def test_a_pause_lets_turns_in_and_no_packet_out_and_silence_does_not_count() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, on_silence="drop", silence_s=5)
    ann.turn(1)
    assert bob.event("pause").endswith("|s:running/paused")
    server.later(60)
    assert bob.turn(1).endswith("0/10/*")
    assert bob.event("pause") == "37/*/*"

    assert ann.event("resume").endswith("|s:running|t:1;1;200;;;;")
    assert Left(1, "silent") not in ann.seen


def test_patience_begins_anew_after_a_pause() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, on_silence="drop", silence_s=5)
    ann.turn(1)
    server.later(4)
    ann.event("pause")
    ann.event("resume")
    server.later(4)
    ann.poll()

    assert bob.turn(1).endswith("|t:1;1;200;;;;")


def test_a_repeated_event_is_done_once() -> None:
    ann, bob = playing(TextServer(), 2)
    cursor = ann.cursor
    ann.say(27, "pause", cursor)
    bob.event("resume")

    assert ann.say(27, "pause", cursor).endswith("|s:running/paused|s:running")
    assert ann.poll() == "0/10/*"


CHART = {
    "setup": {"initial": "teams", "states": {"teams": {"on": {"NEXT": "maps"}}, "maps": {}}},
    "running": {"initial": "day", "states": {"day": {"on": {"DUSK": "night"}}, "night": {}}},
    "by": {"DUSK": "host", "pause": [1]},
}


def test_the_game_has_states_of_its_own() -> None:
    ann, bob = members(TextServer(), 2, states=CHART)
    assert ann.header["state"] == "setup/teams"
    assert bob.event("NEXT").endswith("|s:setup/maps")
    ann.ready()
    assert bob.ready().endswith("|s:running/day")
    assert bob.event("DUSK") == "31/*/*"
    assert ann.event("DUSK").endswith("|s:running/night")
    assert ann.event("pause") == "31/*/*"
    assert bob.event("pause").endswith("|s:running/paused")
    assert ann.event("resume").endswith("|s:running/night")


@pytest.mark.parametrize("event", ["DUSK", "NEXT", "resume", "never"])
def test_an_event_that_the_chart_does_not_take_now_is_37(event: str) -> None:
    ann, _ = playing(TextServer(), 2, states=CHART | {"by": {}})
    ann.event("DUSK")
    before = ann.cursor

    assert ann.event(event) == "37/*/*"
    assert ann.poll(before) == "0/10/*"
