"""Set-up, turns, events, leaving and watching, line by line, as docs/rooms.md has them."""

import json

import pytest

from tests.room_server import Guest, complete, members, playing
from tests.text_server import TextServer
from turnserver.messages.items import Diverged, Lagging, Left, Moved, Packet
from turnserver.protocol.limits import Limits


def test_every_change_of_the_configuration_is_told_in_full() -> None:
    ann, bob = members(TextServer(), 2, config={"map": {"size": 3, "seed": 1}})

    assert ann.setup(map={"size": 4}, mode="fast").endswith('|c:{"map":{"size":4,"seed":1},"mode":"fast"}')
    assert bob.poll().endswith('|c:{"map":{"size":4,"seed":1},"mode":"fast"}')
    assert bob.setup(map={"seed": None}).endswith('|c:{"map":{"size":4},"mode":"fast"}')


def test_a_patch_that_changes_nothing_is_no_news() -> None:
    ann, bob = members(TextServer(), 2, config={"a": 1})
    ann.poll()

    assert ann.setup(a=1) == "0/10/*"
    assert bob.ready() == "0/26/" + bob.cursor + "|r:1;1"
    assert ann.setup(b=None) == "0/26/" + ann.cursor + "|r:1;1"


def test_a_repeated_patch_is_done_once() -> None:
    ann, bob = members(TextServer(), 2)
    cursor = ann.cursor
    ann.setup(a=1)
    bob.poll()
    bob.setup(a=2)

    assert ann.say(23, '{"a":1}', cursor).endswith('|c:{"a":2}')
    assert ann.say(23, '{"a":1}').endswith('|c:{"a":1}')


def test_a_late_copy_of_an_older_action_is_refused() -> None:
    ann, bob = members(TextServer(), 2)
    cursor = ann.cursor
    ann.setup(a=1)
    ann.setup(a=2)

    assert ann.say(23, '{"a":1}', cursor) == "34/*/*"
    assert bob.poll().endswith('|c:{"a":2}')


def test_without_a_cursor_nothing_is_a_repeat() -> None:
    ann, _ = members(TextServer(), 2)
    ann.say(23, '{"a":1}', "*")
    ann.say(23, '{"a":2}', "*")

    assert ann.say(23, '{"a":1}', "*").endswith('|c:{"a":1}')


def test_a_configuration_that_grows_too_large_is_42_and_changes_nothing() -> None:
    ann, bob = members(TextServer(Limits(room_config_bytes_max=50)), 2)
    bob.poll()

    assert ann.setup(a="x" * 50) == "42/*/*"
    assert bob.poll() == "0/10/*"


def test_the_game_begins_when_all_are_ready_who_are_there() -> None:
    ann, bob, cid = members(TextServer(), 3, players=[2, 8])

    assert ann.ready().endswith("|r:0;1")
    assert bob.ready().endswith("|r:1;1")
    assert cid.ready().endswith("|r:2;1|s:running")


def test_it_does_not_begin_with_less_than_the_least_number() -> None:
    server = TextServer()
    ann = Guest(server).create(players=[2, 4])
    ann.ready()
    bob = Guest(server).join(ann.room)

    assert ann.poll().endswith(f"|j:1;{bob.guest.name}")
    assert bob.ready().endswith("|r:1;1|s:running")


def test_it_begins_when_the_last_who_was_not_ready_leaves() -> None:
    ann, bob, cid = members(TextServer(), 3, players=[2, 8])
    ann.ready()
    bob.ready()
    ann.poll()

    cid.leave()

    assert ann.poll().endswith("|l:2;left|s:running")


def test_a_change_takes_all_readiness_back() -> None:
    server = TextServer()
    ann, bob = members(server, 2)
    ann.ready()
    bob.poll()
    bob.setup(a=1)

    assert bob.ready().endswith("|r:1;1")
    assert Guest(server).join(ann.room).header["ready"] == [1]
    assert ann.ready().endswith("|r:0;1")


def test_ready_counts_only_with_the_newest_configuration() -> None:
    ann, bob = members(TextServer(), 2)
    old = bob.cursor
    ann.setup(a=1)

    assert bob.say(24, "1", old).endswith('|c:{"a":1}')
    assert bob.poll() == "0/10/*"
    assert bob.say(24, "1").endswith("|r:1;1")
    assert ann.say(24, "1", "*").endswith("|r:1;1")


def test_ready_can_be_taken_back_and_a_repeat_of_it_is_done_once() -> None:
    ann, _ = members(TextServer(), 2)
    ann.ready()
    cursor = ann.cursor

    assert ann.say(24, "0", cursor).endswith("|r:0;0")
    assert ann.say(24, "0", cursor).endswith("|r:0;0")
    assert ann.say(24, "1", cursor).endswith("|r:0;1")


@pytest.mark.parametrize(("symbol", "data"), [(23, "{}"), (24, "1")])
def test_set_up_is_over_when_the_game_has_begun(symbol: int, data: str) -> None:
    ann, _ = playing(TextServer(), 2)

    assert ann.say(symbol, data) == "37/*/*"


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


def test_a_hash_that_comes_while_others_are_waited_for_is_compared_at_once() -> None:
    ann, bob = playing(TextServer(), 2)
    complete([ann, bob], 1)
    ann.turn(3, checked=1, told="a")

    assert bob.turn(3, checked=1, told="b").endswith("|s:ended/diverged")


def test_a_late_report_of_an_older_generation_is_compared_too() -> None:
    ann, bob = playing(TextServer(), 2)
    complete([ann, bob], 1)
    complete([ann, bob], 2)
    ann.turn(3, checked=1, told="a")
    ann.turn(4, checked=2, told="b")
    bob.turn(3, checked=2, told="b")
    assert bob.packets[-1].checked == 2

    assert bob.turn(4, checked=1, told="x").endswith("|d:1;disputed;0=a;1=x|s:ended/diverged")


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


def test_who_leaves_during_set_up_frees_the_seat() -> None:
    server = TextServer()
    ann, bob, cid = members(server, 3)

    assert bob.leave() == "0/28/*"
    assert bob.leave() == "0/28/*"
    assert bob.poll() == "30/*/*"
    assert ann.poll().endswith("|l:1;left")
    dee = Guest(server).join(ann.room, "dee")
    assert (dee.seat, cid.seat) == ("1", "2")
    assert dee.header["members"] == [ann.guest.name, "dee", cid.guest.name]


def test_a_game_goes_on_without_who_leaves() -> None:
    ann, bob, cid = playing(TextServer(), 3)
    ann.turn(1)
    cid.turn(1)

    assert bob.leave() == bob.leave() == "0/28/*"

    assert ann.poll().endswith("|l:1;left|t:1;1;200;;;;-;")
    assert bob.turn(2) == "37/*/*"
    assert bob.poll().endswith("|l:1;left|t:1;1;200;;;;-;")


def test_who_leaves_no_longer_keeps_hashes_from_being_compared() -> None:
    ann, bob, cid = playing(TextServer(), 3)
    complete([ann, bob, cid], 1)
    ann.turn(2, checked=1, told="a")
    cid.turn(2, checked=1, told="b")

    bob.leave()

    assert ann.poll().endswith("|l:1;left|d:1;disputed;0=a;2=b|s:ended/diverged")


@pytest.mark.parametrize("start", [members, playing])
def test_a_room_that_the_last_one_leaves_ends(start: type) -> None:
    server = TextServer()
    ann, bob = start(server, 2)
    ann.leave()
    viewer = bob.guest.list()
    assert bob.room in viewer

    bob.leave()

    assert bob.room not in bob.guest.list()
    assert Guest(server).join_reply(bob.room) == "37/*/*"
    assert bob.leave() == "0/28/*"


def test_a_room_that_nobody_uses_ends_by_itself_and_is_forgotten_later() -> None:
    server = TextServer(Limits(room_idle_s=100, room_archive_s=1000))
    ann, bob = playing(server, 2)
    server.later(99)
    ann.poll()
    server.later(99)
    assert ann.poll() == "0/10/*"
    server.later(101)

    assert bob.poll().endswith("|s:ended/expired")
    server.later(999)
    assert bob.poll("*").endswith("|s:ended/expired")
    server.later(1000)
    assert bob.poll() == "30/*/*"


def test_members_who_poll_keep_a_room_that_is_being_set_up() -> None:
    server = TextServer(Limits(room_idle_s=100, room_archive_s=1))
    ann = Guest(server).create()
    ann.poll()
    for _ in range(50):
        server.later(9)
        assert ann.poll() == "0/10/*"


def test_a_room_whose_record_is_full_ends() -> None:
    ann, bob = playing(TextServer(Limits(room_record_bytes_max=2000)), 2)
    for generation in range(1, 100):
        ann.turn(generation, "x" * 100)
        if bob.turn(generation).endswith("s:ended/closed"):
            break

    assert generation < 20
    assert ann.poll().endswith("|s:ended/closed")


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


def test_a_patch_is_known_by_its_meaning_not_by_its_spelling() -> None:
    ann, _ = members(TextServer(), 2)
    cursor = ann.cursor
    first = ann.say(23, json.dumps({"a": 1}), cursor)

    assert ann.say(23, '{ "a" : 1 }', cursor) == first
