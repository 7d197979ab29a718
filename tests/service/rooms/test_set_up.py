"""The configuration changes, all get ready, the game begins, as docs/rooms.md has them."""

import json

import pytest

from tests.room_server import Guest, members, playing
from tests.text_server import TextServer
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


def test_a_repeat_from_set_up_is_answered_again_when_the_game_has_begun_meanwhile() -> None:
    ann, bob = members(TextServer(), 2)
    bob.ready()
    ann.poll()
    cursor = ann.cursor
    ann.ready()

    assert ann.say(24, "1", cursor).endswith("|r:0;1|s:running")


@pytest.mark.parametrize(("symbol", "data"), [(23, "{}"), (24, "1")])
def test_set_up_is_over_when_the_game_has_begun(symbol: int, data: str) -> None:
    ann, _ = playing(TextServer(), 2)

    assert ann.say(symbol, data) == "37/*/*"


def test_a_patch_is_known_by_its_meaning_not_by_its_spelling() -> None:
    ann, _ = members(TextServer(), 2)
    cursor = ann.cursor
    first = ann.say(23, json.dumps({"a": 1}), cursor)

    assert ann.say(23, '{ "a" : 1 }', cursor) == first
