"""Turns, packets, hashes and cursors, line by line, as docs/rooms.md has them."""

import pytest

from tests.room_server import Guest, complete, members, playing
from tests.text_server import TextServer
from turnserver.messages.items import Diverged, Moved, Packet
from turnserver.protocol.limits import Limits


def test_a_change_takes_all_readiness_back() -> None:
    server = TextServer()
    ann, bob = members(server, 2)
    ann.ready()
    bob.poll()
    bob.setup(a=1)

    assert bob.ready().endswith("|r:1;1")
    assert Guest(server).join(ann.room).header["ready"] == [1]
    assert ann.ready().endswith("|r:0;1")


def test_turns_are_gathered_into_one_packet() -> None:
    ann, bob, cid = playing(TextServer(), 3)

    assert ann.turn(1, "up") == "0/10/*"
    assert cid.turn(1, "a;b|c%-") == "0/10/*"
    assert bob.turn(1, "") == f"0/26/{bob.cursor}|t:1;1;200;;;up;;a%3Bb%7Cc%25-"
    assert ann.poll() == f"0/26/{bob.cursor}|t:1;1;200;;;up;;a%3Bb%7Cc%25-"


def test_iterations_and_turn_length_are_told_when_they_change() -> None:
    ann, bob = playing(TextServer(), 2)
    ann.turn(1, pace="500;60")
    bob.turn(1, pace="10;30")
    complete([ann, bob], 2)
    ann.turn(3, pace="500;10")
    bob.turn(3)
    bob.poll()

    told = [(packet.iterations, packet.turn_ms) for packet in bob.packets]
    assert told == [(7, 250), (None, None), (2, None)]


def test_an_empty_turn_of_three_costs_at_most_64_bytes_both_ways_together() -> None:
    everybody = playing(TextServer(), 3)
    for generation in range(1, 2000):
        complete(everybody, generation)

    for generation in range(2000, 2010):
        lines = [member.line(25, f"{generation};;;;;") for member in everybody]
        replies = [member.turn(generation) for member in everybody]
        replies = [
            member.poll() if reply == "0/10/*" else reply for member, reply in zip(everybody, replies, strict=True)
        ]
        assert max(len(line) + len(reply) for line, reply in zip(lines, replies, strict=True)) <= 64


def test_turns_may_be_posted_ahead_in_any_order_and_packets_come_out_in_order() -> None:
    ann, bob = playing(TextServer(), 2, lookahead=3)
    for generation in (3, 1, 2):
        ann.turn(generation, f"a{generation}")
    bob.turn(2, "b2")
    bob.turn(3, "b3")
    assert bob.poll() == "0/10/*"

    bob.turn(1, "b1")

    assert [packet.commands for packet in bob.packets] == [("a1", "b1"), ("a2", "b2"), ("a3", "b3")]


def test_a_repeated_turn_is_answered_again_and_counted_once() -> None:
    ann, bob = playing(TextServer(), 2)
    cursor = ann.cursor
    assert ann.turn(1, "up") == ann.turn(1, "up") == "0/10/*"
    bob.turn(1, "-")

    for _ in range(2):
        assert ann.say(25, "1;;;;;up", cursor).endswith("|t:1;1;200;;;up;%2D")
    complete([ann, bob], 2)
    assert ann.say(25, "1;;;;;up") == "0/10/*"
    assert bob.say(25, "1;;;;;-", cursor).endswith("|t:1;1;200;;;up;%2D|t:2;;;;;;")


def test_other_commands_for_a_generation_are_refused() -> None:
    ann, bob = playing(TextServer(), 2)
    ann.turn(1, "up")

    assert ann.turn(1, "down") == "34/*/*"
    bob.turn(1)
    assert ann.turn(1, "down") == "34/*/*"
    assert ann.turn(1, "-") == "34/*/*"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param("4;;;;;", "35", id="beyond the lookahead"),
        pytest.param("2;;;2;h;", "35", id="a hash for a generation not yet seen"),
        pytest.param("999999999999999;;;;;", "35", id="far beyond it"),
    ],
)
def test_too_far_ahead_is_35(data: str, code: str) -> None:
    ann, bob = playing(TextServer(), 2)
    complete([ann, bob], 1)

    assert ann.say(25, data) == f"{code}/*/*"
    assert ann.turn(3, checked=1, told="h") == "0/10/*"


def test_there_are_no_turns_during_set_up() -> None:
    ann, _ = members(TextServer(), 2)

    assert ann.turn(1) == "37/*/*"


def test_an_agreement_is_told_with_the_next_packet_and_once() -> None:
    ann, bob = playing(TextServer(), 2)
    complete([ann, bob], 1)
    ann.turn(2, checked=1, told="x|y")
    assert bob.turn(2, checked=1, told="x|y").endswith("|t:2;;;1;x%7Cy;;")
    complete([ann, bob], 3)
    assert bob.packets[-1] == Packet(3, None, None, None, "", ("", ""))


def test_a_divergence_ends_the_room_and_is_told_to_all() -> None:
    ann, bob, cid = playing(TextServer(), 3)
    complete([ann, bob, cid], 1)
    ann.turn(2, checked=1, told="u=1&m=2")
    bob.turn(2, checked=1, told="u=1&m=3")
    assert ann.poll() == "0/10/*"

    reply = cid.turn(2, checked=1, told="u=1&m=2")

    hashes = ((0, "u=1&m=2"), (1, "u=1&m=3"), (2, "u=1&m=2"))
    assert reply.endswith("|d:1;1;0=u=1&m=2;1=u=1&m=3;2=u=1&m=2;parts=m|s:ended/diverged")
    ann.poll()
    assert ann.seen[-2:] == [Diverged(1, (1,), hashes, ("m",)), Moved("ended/diverged")]
    assert ann.turn(3) == "37/*/*"
    assert ann.turn(2, checked=1, told="u=1&m=2") == "0/10/*"


def test_a_late_report_of_an_older_generation_is_compared_too() -> None:
    ann, bob = playing(TextServer(), 2)
    complete([ann, bob], 1)
    complete([ann, bob], 2)
    ann.turn(3, checked=1, told="a")
    ann.turn(4, checked=2, told="b")
    bob.turn(3, checked=2, told="b")
    assert bob.packets[-1].checked == 2

    assert bob.turn(4, checked=1, told="x").endswith("|d:1;disputed;0=a;1=x|s:ended/diverged")


def test_a_cursor_of_another_room_or_of_the_future_is_39() -> None:
    server = TextServer()
    ann, other = playing(server, 2)[0], playing(server, 2)[0]
    beyond = f"{ann.cursor[:2]}zz"

    assert ann.poll(beyond) == "39/*/*"
    assert ann.say(25, "1;;;;;", beyond) == "39/*/*"
    assert ann.poll(other.cursor) == "39/*/*"
    assert ann.turn(1) == "0/10/*"


def test_old_cursors_give_the_same_items_again() -> None:
    ann, bob = playing(TextServer(), 2)
    start = ann.cursor
    complete([ann, bob], 1)
    complete([ann, bob], 2)

    assert ann.poll(start).count("|t:") == 2
    assert ann.poll(start).count("|t:") == 2


def test_who_catches_up_gets_as_much_as_one_reply_may_bring_and_asks_on() -> None:
    server = TextServer(Limits(room_reply_bytes_max=300))
    ann, bob = playing(server, 2)
    for generation in range(1, 31):
        ann.turn(generation, f"{generation:020}")
        bob.turn(generation)
    again = ann.guest.join(ann.room)

    sizes = [len(reply) for reply in iter(again.poll, "0/10/*")]

    assert max(sizes) <= 400
    assert [packet.generation for packet in again.packets] == list(range(1, 31))


def test_refusals_change_nothing_but_the_record() -> None:
    server = TextServer(Limits(room_refusals_max=3))
    ann, bob = playing(server, 2)
    before = ann.cursor

    for _ in range(5):
        assert ann.turn(9) == "35/*/*"

    assert bob.poll(before) == "0/10/*"
