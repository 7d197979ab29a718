"""Viewers, and whose key is whose, line by line, as docs/rooms.md has them."""

import pytest

from tests.room_server import Guest, complete, playing
from tests.text_server import TextServer
from turnserver.messages.items import Moved


def test_viewers_poll_the_same_items() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, viewers=True)
    viewer = Guest(server).watch(ann.room)
    complete([ann, bob], 1)

    viewer.poll()

    assert viewer.packets == ann.packets


def test_viewers_may_be_some_turns_late_until_the_end() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, viewers=2)
    viewer = Guest(server).watch(ann.room)
    complete([ann, bob], 1)
    complete([ann, bob], 2)
    assert viewer.poll() == "0/10/*"
    ann.event("pause")
    ann.event("resume")
    complete([ann, bob], 3)
    viewer.poll()
    assert [packet.generation for packet in viewer.packets] == [1]

    ann.leave()
    bob.leave()
    viewer.poll()

    assert [packet.generation for packet in viewer.packets] == [1, 2, 3]
    assert viewer.seen[-1] == Moved("ended/left")


@pytest.mark.parametrize(("symbol", "data"), [(23, "{}"), (24, "1"), (25, "1;;;;;"), (27, "pause")])
def test_viewers_do_nothing_else(symbol: int, data: str) -> None:
    server = TextServer()
    ann, _ = playing(server, 2, viewers=True)

    assert Guest(server).watch(ann.room).say(symbol, data) == "31/*/*"


def test_who_stops_watching_has_no_key_any_more() -> None:
    server = TextServer()
    ann = Guest(server).create(viewers=True)
    viewer = Guest(server).watch(ann.room)

    assert viewer.leave() == "0/28/*"
    assert viewer.poll() == "30/*/*"


def test_a_key_speaks_for_its_own_seat_alone() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, viewers=True)
    viewer = Guest(server).watch(ann.room)
    other = playing(server, 2)[0]

    assert server.say(f"25,1;;;;;,{bob.key},0,*") == "31/*/*"
    assert server.say(f"25,1;;;;;,{bob.key},7,*") == "31/*/*"
    assert server.say(f"25,1;;;;;,{viewer.key},0,*") == "31/*/*"
    assert server.say(f"26,*,{bob.key},*,*") == "31/*/*"
    assert server.say(f"28,*,{bob.key},0,*") == "31/*/*"
    assert server.say(f"25,1;;;;;,{'x' * 16},0,*") == "30/*/*"
    assert server.say(f"25,1;;;;;,{bob.guest.token},1,*") == "30/*/*"
    assert server.say("28,*,*,0,*") == "30/*/*"
    assert other.turn(1) == "0/10/*"
    assert ann.poll() == "0/10/*"
