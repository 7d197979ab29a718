"""Creating, joining, watching, listing, line by line, as docs/rooms.md has them."""

import json

import pytest

from tests.room_server import Guest, Member, members, playing
from tests.text_server import TextServer
from turnserver.protocol.limits import Limits
from turnserver.store.memory import MemoryStore


def test_a_room_begins_with_its_founder_in_the_first_seat() -> None:
    ann = Guest(TextServer()).create("ann", engine="chess 1", seed="42", config={"board": 8}, name="Evening")

    assert ann.seat == "0"
    assert len(ann.room) == 12
    assert len(ann.key) == 16
    assert ann.header == {
        "engine": "chess 1",
        "seed": "42",
        "name": "Evening",
        "state": "setup",
        "config": {"board": 8},
        "states": {},
        "players": [2, 8],
        "members": ["ann"],
        "ready": [],
        "turn": 0,
        "turn_ms": 200,
        "lookahead": 2,
        "silence_s": 30,
        "on_silence": "wait",
        "viewers": False,
        "archive": "members",
    }


def test_who_joins_gets_engine_seed_and_configuration_and_the_others_hear_of_it() -> None:
    server = TextServer()
    ann = Guest(server).create("ann", config={"a": 1})
    ann.setup(b=2)

    bob = Guest(server).join(ann.room, "bob")

    assert bob.seat == "1"
    assert (bob.header["seed"], bob.header["config"]) == ("7", {"a": 1, "b": 2})
    assert bob.header["members"] == ["ann", "bob"]
    assert ann.poll().endswith("|j:1;bob")
    assert bob.poll() == "0/10/*"


def test_a_guest_without_a_wish_is_called_by_its_id() -> None:
    server = TextServer()
    guest = Guest(server)

    assert guest.create().header["members"] == [guest.name]


def test_the_same_token_and_counter_give_the_same_room_with_the_same_key() -> None:
    server = TextServer()
    guest = Guest(server)
    first, again = (guest.create("ann", "mine") for _ in range(2))

    assert (again.room, again.key, again.seat) == (first.room, first.key, first.seat)
    assert guest.create("ann", "other").room != first.room
    assert guest.create("ann").room != guest.create("ann").room
    assert Guest(server).create("ann", "mine").room != first.room


def test_a_repeated_join_is_answered_again_and_done_once() -> None:
    server = TextServer()
    ann, guest = Guest(server).create(), Guest(server)
    first, again = (guest.join(ann.room, "bob", "1") for _ in range(2))

    assert (again.seat, again.key) == (first.seat, first.key)
    assert ann.poll().count("|j:") == 1


def test_joining_again_gives_a_new_key_and_kills_the_old_one() -> None:
    server = TextServer()
    ann, bob = members(server, 2)

    again = bob.guest.join(bob.room)

    assert again.seat == bob.seat
    assert again.key != bob.key
    assert bob.poll() == "30/*/*"
    assert again.poll() == "0/10/*"
    assert ann.poll() != "30/*/*"


def test_a_late_copy_of_an_old_join_does_not_bring_its_key_back() -> None:
    server = TextServer()
    ann, guest = Guest(server).create(), Guest(server)
    guest.join(ann.room, "bob", "1")
    newest = guest.join(ann.room, "bob", "2")

    assert guest.join_reply(ann.room, "bob", "1") == "34/*/*"
    assert newest.poll() == "0/10/*"


def test_who_comes_back_during_the_game_reads_on_from_before_the_first_packet() -> None:
    ann, bob = playing(TextServer(), 2)
    for generation in (1, 2, 3):
        ann.turn(generation, f"a{generation}")
        bob.turn(generation, f"b{generation}")

    again = bob.guest.join(bob.room)
    again.poll()

    assert (again.header["state"], again.header["turn"]) == ("running", 3)
    assert [packet.commands for packet in again.packets] == [("a1", "b1"), ("a2", "b2"), ("a3", "b3")]


@pytest.mark.parametrize("room", ["", "*", "nowhere", "AAAAAAAAAAAA", "é" * 12])
def test_a_room_that_is_not_there_is_32(room: str) -> None:
    guest = Guest(TextServer())

    assert guest.join_reply(room) == "32/*/*"
    assert guest.watch_reply(room) == "32/*/*"


def test_a_full_room_is_33() -> None:
    server = TextServer()
    ann = members(server, 2, players=[2, 2])[0]

    assert Guest(server).join_reply(ann.room) == "33/*/*"


def test_a_name_that_is_taken_is_38() -> None:
    server = TextServer()
    ann = Guest(server).create("ann")

    assert Guest(server).join_reply(ann.room, "ann") == "38/*/*"


def test_seats_are_locked_when_the_game_has_begun() -> None:
    server = TextServer()
    ann, _ = playing(server, 2)

    assert Guest(server).join_reply(ann.room) == "37/*/*"


def test_without_a_token_nothing_is_given() -> None:
    server = TextServer()
    ann = Guest(server).create()
    wishes = json.dumps({"engine": "e", "seed": "s", "players": [1, 1]})

    assert server.say(f"20,{wishes},*,*,*") == "30/*/*"
    assert server.say(f"21,{ann.room},{ann.key},*,*") == "30/*/*"
    assert server.say(f"22,{ann.room},*,*,*") == "30/*/*"


def test_a_bad_chart_is_refused_with_the_place_and_makes_no_room() -> None:
    guest = Guest(TextServer())

    reply = guest.create_reply(states={"running": {"on": {"GO": "x"}}})

    assert reply == "36/*/states/running/on/GO: leads to no state"
    assert guest.list() == "0/29/*"


def test_a_configuration_and_a_chart_have_their_limits() -> None:
    guest = Guest(TextServer(Limits(room_config_bytes_max=100, room_chart_bytes_max=100)))

    assert guest.create_reply(config={"a": "x" * 100}) == "42/*/*"
    assert guest.create_reply(states={"by": {"x" * 32: "any", "y" * 32: "any", "z" * 32: "any"}}) == "42/*/*"
    guest.create(config={"a": "x" * 80})


def test_there_are_so_many_rooms_and_no_more() -> None:
    guest = Guest(TextServer(Limits(rooms_max=2)))
    guest.create(counter="1")
    guest.create(counter="2")

    assert guest.create_reply(counter="3") == "33/*/*"
    assert guest.create_reply(counter="1").startswith("0/20/")


def test_viewers_get_a_key_and_no_seat() -> None:
    server = TextServer()
    ann = Guest(server).create("ann", viewers=True)

    viewer = Guest(server).watch(ann.room)

    assert viewer.seat == "*"
    assert viewer.header["members"] == ["ann"]
    ann.setup(a=1)
    assert viewer.poll().endswith('|c:{"a":1}')


def test_where_there_are_no_viewers_watching_is_31() -> None:
    server = TextServer()
    ann = Guest(server).create()

    assert Guest(server).watch_reply(ann.room) == "31/*/*"


def test_the_list_shows_open_rooms_newest_first() -> None:
    server = TextServer()
    old = members(server, 1, name="old; one", players=[1, 3])[0]
    running = playing(server, 2, name="fast|one")[0]
    left = Guest(server).create(name="left")
    left.leave()

    rows = Guest(server).list().removeprefix("0/29/").split("|")

    assert rows == [f"{running.room};running;2;8;fast%7Cone", f"{old.room};setup;1;3;old%3B one"]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("*", ["c", "b", "a"]),
        ("{}", ["c", "b", "a"]),
        ('{"engine":"go"}', ["b"]),
        ('{"name":"a"}', ["a"]),
        ('{"state":"setup"}', ["b", "a"]),
        ('{"state":"running"}', ["c"]),
        ('{"has_seat":true}', ["a"]),
        ('{"has_seat":false}', ["c", "b"]),
        ('{"engine":"chess 1","state":"setup"}', ["a"]),
    ],
)
def test_a_filter_leaves_out_what_does_not_fit(wanted: str, names: list[str]) -> None:
    server = TextServer()
    members(server, 1, name="a", players=[2, 2])
    members(server, 2, name="b", engine="go", players=[2, 2])
    playing(server, 2, name="c")

    reply = Guest(server).list(wanted)

    assert [row.split(";")[4] for row in reply.removeprefix("0/29/").split("|")] == names


def test_each_title_has_a_list_of_its_own() -> None:
    server = TextServer()
    guest = Guest(server)
    wishes = json.dumps({"engine": "e", "seed": "s", "players": [1, 2], "name": "here"})
    server.say(f"20,{wishes},{guest.token},*,*", "chess")

    assert guest.list(title="chess").endswith(";here")
    assert guest.list() == "0/29/*"


def test_a_list_is_only_so_long() -> None:
    server = TextServer(Limits(room_list_max=2, rooms_listed_max=3))
    guest = Guest(server)
    rooms = [guest.create(counter=f"{number}", players=[1, 1]) for number in range(6)]

    assert guest.list().count("|") == 1
    for member in rooms[3:]:
        member.leave()
    assert guest.list() == "0/29/*"


def test_who_joins_and_watches_with_one_counter_has_two_keys() -> None:
    server = TextServer()
    ann, guest = Guest(server).create(viewers=True), Guest(server)

    assert guest.join(ann.room, counter="1").key != guest.watch(ann.room, "1").key


def test_the_store_holds_no_key_of_a_room() -> None:
    server = TextServer(store=MemoryStore(lambda: 0))
    ann = Guest(server).create(viewers=True)
    viewer = Guest(server).watch(ann.room)
    partitions = server.store._partitions  # type: ignore[attr-defined]  # the memory store's own
    kept = repr(list(partitions)) + repr([(found.documents, found.streams) for found in partitions.values()])

    assert ann.key not in kept
    assert viewer.key not in kept
    assert ann.guest.token not in kept


def test_a_founder_who_left_may_join_its_room_again() -> None:
    server = TextServer()
    ann = Guest(server).create("ann", "mine")
    bob = Guest(server).join(ann.room)
    ann.leave()

    assert ann.guest.create_reply("ann", "mine").startswith("0/20/")
    assert isinstance(bob, Member)
