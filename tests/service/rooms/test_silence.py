"""Slow and silent seats, line by line, as docs/rooms.md has them."""

from tests.room_server import complete, playing
from tests.text_server import TextServer
from turnserver.messages.items import Lagging


def test_a_hash_that_comes_while_others_are_waited_for_is_compared_at_once() -> None:
    ann, bob = playing(TextServer(), 2)
    complete([ann, bob], 1)
    ann.turn(3, checked=1, told="a")

    assert bob.turn(3, checked=1, told="b").endswith("|s:ended/diverged")


def test_who_is_waited_for_is_told_to_the_others() -> None:
    server = TextServer()
    ann, bob = playing(server, 2)
    ann.turn(1)
    server.later(0.9)
    assert ann.poll() == "0/10/*"
    server.later(0.2)

    assert ann.poll().endswith("|g:1;1100")
    assert ann.poll() == "0/10/*"
    assert bob.turn(1).endswith("|g:1;1100|t:1;1;200;;;;")


def test_nobody_is_waited_for_before_somebody_has_posted() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, on_silence="drop", silence_s=5)
    server.later(60)
    ann.turn(1)
    server.later(4)
    ann.poll()

    assert bob.turn(1).endswith("|t:1;1;200;;;;")


def test_a_room_that_waits_says_that_a_seat_is_silent_and_waits_on() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, silence_s=5)
    ann.turn(1)
    server.later(2)
    ann.poll()
    server.later(4)
    ann.poll()
    server.later(60)
    ann.poll()

    assert ann.seen == [Lagging(1, 2000), Lagging(1, 6000)]
    assert bob.turn(1).endswith("|t:1;1;200;;;;")


def test_a_room_that_skips_fills_the_turns_of_a_silent_seat_until_it_is_back() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, on_silence="skip", silence_s=5)
    ann.turn(1)
    server.later(5)
    assert ann.poll().endswith("|t:1;1;200;;;;-")
    assert ann.turn(2).endswith("|t:2;;;;;;-")

    assert bob.turn(1) == "34/*/*"
    bob.poll()
    assert bob.turn(4, "back") == "0/10/*"
    assert ann.turn(3).endswith("|t:3;;;;;;-")
    assert ann.turn(4).endswith("|t:4;;;;;;back")
    assert ann.turn(5) == "0/10/*"
    assert bob.turn(5).endswith("|t:5;;;;;;")


def test_a_room_that_drops_goes_on_without_the_silent_seat_which_may_look_on() -> None:
    server = TextServer()
    ann, bob, cid = playing(server, 3, on_silence="drop", silence_s=5)
    ann.turn(1)
    cid.turn(1)
    server.later(5)

    assert ann.poll().endswith("|l:1;silent|t:1;1;200;;;;-;")
    assert bob.poll().endswith("|l:1;silent|t:1;1;200;;;;-;")
    assert bob.turn(2) == "37/*/*"
    assert bob.event("pause") == "37/*/*"
    assert bob.guest.join(bob.room).seat == "1"


def test_a_turn_that_was_taken_ahead_is_played_also_when_its_seat_was_dropped() -> None:
    server = TextServer()
    ann, bob = playing(server, 2, on_silence="drop", silence_s=5)
    bob.turn(2, "ahead")
    ann.turn(1)
    server.later(5)
    ann.poll()
    ann.turn(2)

    assert [packet.commands for packet in ann.packets] == [("", None), ("", "ahead")]
