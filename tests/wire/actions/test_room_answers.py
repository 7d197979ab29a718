from typing import Any

import pytest

from tests.json_server import plain
from turnserver.messages import items
from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Item
from turnserver.messages.reply import Reply
from turnserver.messages.rooms import Listed, Seated
from turnserver.protocol import answers
from turnserver.wire.actions import room_answers
from turnserver.wire.actions.rooms import Join, List, Poll
from turnserver.wire.items import item_text
from turnserver.wire.room_replies import items_body, listed_body, seated_body

HEADER = (
    '{"engine":"e","seed":"s","name":"","state":"setup","config":{"a":1},"states":{},"players":[1,2],'
    '"members":["ann",null],"ready":[],"turn":0,"turn_ms":200,"lookahead":2,"silence_s":30,"on_silence":"wait",'
    '"viewers":false,"archive":"members"}'
)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (items.Joined(0, "a;b"), {"kind": "joined", "seat": 0, "name": "a;b"}),
        (items.Left(1, "silent"), {"kind": "left", "seat": 1, "why": "silent"}),
        (items.Configured('{"a":1}'), {"kind": "configured", "config": {"a": 1}}),
        (items.Readied(0, is_ready=False), {"kind": "readied", "seat": 0, "is_ready": False}),
        (items.Moved("running/day"), {"kind": "moved", "state": "running/day"}),
        (
            items.Packet(3, None, 200, None, "", ("a|b", None, "")),
            {
                "kind": "packet",
                "generation": 3,
                "iterations": None,
                "turn_ms": 200,
                "checked": None,
                "hash": "",
                "commands": ["a|b", None, ""],
            },
        ),
        (
            items.Diverged(3, (1,), ((0, "x"), (1, "y")), ("map",)),
            {"kind": "diverged", "generation": 3, "minority": [1], "hashes": {"0": "x", "1": "y"}, "parts": ["map"]},
        ),
        (items.Lagging(1, 1000), {"kind": "lagging", "seat": 1, "waited_ms": 1000}),
    ],
)
def test_every_item_is_an_object(item: Item, said: dict[str, Any]) -> None:
    reply = Reply(answers.ROOM_ITEMS, items_body(Cursor("xY", 1), [item_text(item)]))

    assert plain(room_answers.Items.read(reply, Poll())) == {"cursor": "xYB", "items": [said]}


def test_where_nothing_is_new_the_cursor_stays() -> None:
    assert room_answers.Items.read(Reply(answers.NOTHING_NEW), Poll(cursor="xYB")) == room_answers.Items("xYB", ())


def test_a_place_comes_with_its_header_and_the_url_for_others() -> None:
    reply = Reply(answers.ROOM_JOINED, seated_body(Seated("R", "K", 0, Cursor("xY", 0), HEADER)))
    seated = room_answers.Seated.read(reply, Join(game_id="R"))

    assert (seated.room, seated.join_url, seated.key, seated.index) == ("R", "/join?game_id=R", "K", 0)
    assert seated.header.members == ("ann", None)
    assert set(plain(seated)) == {"room", "join_url", "key", "index", "cursor", "header"}


def test_who_looks_sees_the_header_and_the_url() -> None:
    shown = room_answers.Shown.of("R", HEADER)

    assert (shown.room, shown.join_url, shown.header.members) == ("R", "/join?game_id=R", ("ann", None))
    assert set(plain(shown)) == {"room", "join_url", "header"}


def test_a_list_is_a_list() -> None:
    reply = Reply(answers.ROOMS, listed_body([Listed("R", "setup", 1, 2, "a|b")]))

    assert plain(room_answers.RoomsFound.read(reply, List())) == {
        "rooms": [{"room": "R", "state": "setup", "players": 1, "most": 2, "name": "a|b"}]
    }
    assert room_answers.RoomsFound.read(Reply(answers.ROOMS), List()).rooms == ()
