import json

import pytest

from turnserver.domain.documents import Match
from turnserver.domain.games import Begun, Ended, end_of, names_text
from turnserver.domain.rooms.documents import Member, Room
from turnserver.partition import Document, View

NAMES = ("ann", "bob")


def view(**documents: object) -> View:
    return View({name: Document(1, value) for name, value in documents.items()}, {}, 0, 0)


def match(left: int | None) -> View:
    return view(match=Match("m", ("a", "b"), NAMES, by_name=False, server=0, left=left))


def room(state: str) -> View:
    return view(room=Room((Member("user", "ann", "digest"), None), state))


@pytest.mark.parametrize(
    ("kind", "seen", "end"),
    [
        ("match", match(None), None),
        ("match", match(0), Ended("left")),
        ("match", match(1), Ended("left")),
        ("match", view(), Ended("forgotten")),
        ("room", room("setup"), None),
        ("room", room("running/paused"), None),
        ("room", room("ended/diverged"), Ended("diverged", ("ann", None))),
        ("room", view(), Ended("forgotten")),
    ],
)
def test_a_game_goes_on_until_its_partition_says_otherwise(kind: str, seen: View, end: Ended | None) -> None:
    assert end_of(kind, seen) == end


def test_a_game_lives_in_the_partition_of_its_kind_and_id() -> None:
    assert Begun("room", "abc", "chess", ("ann",), 7).partition == "room:abc"


def test_names_are_kept_as_they_are() -> None:
    players = ("é;|\n", None, '"')

    assert json.loads(names_text(players)) == list(players)
