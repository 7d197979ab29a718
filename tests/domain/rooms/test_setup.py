from typing import Any

import pytest

from tests.domain.rooms.room_views import ANN, BOB, member, seat, view
from turnserver.domain.rooms.documents import Config, Pace
from turnserver.domain.rooms.setup import begun, configure, merged, ready
from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Moved, Readied
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import RoomReady, RoomSetup
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits()


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_the_examples_of_its_rfc_say(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


def test_a_patch_leaves_what_it_was_merged_into_as_it_was() -> None:
    target = {"a": {"b": 1}}
    merged(target, {"a": {"b": 2}})

    assert target == {"a": {"b": 1}}


def test_the_newest_configuration_is_known_by_the_offset_after_its_item() -> None:
    change = configure(
        view(seat(), state="setup", items=4),
        0,
        RoomSetup("KEY", 0, None, {"a": 1}),
        digest="x",
        limits=LIMITS,
    )

    assert change is not None
    assert (change.put["config"].text, change.put["config"].at) == ('{"a":1}', 5)


@pytest.mark.parametrize(("seen", "is_heard"), [(None, False), (3, False), (4, True)])
def test_who_has_not_seen_the_newest_configuration_is_not_ready(seen: int | None, *, is_heard: bool) -> None:
    room = view(seat(), seat(), state="setup", items=4).after({"config": Config("{}", 4)}, {})
    cursor = None if seen is None else Cursor("ab", seen)

    change = ready(room, 0, RoomReady("KEY", 0, cursor, is_ready=True))

    assert (change is not None) == is_heard


@pytest.mark.parametrize("is_ready", [True, False])
def test_saying_what_is_so_already_changes_nothing(*, is_ready: bool) -> None:
    room = view(seat(), seat(), state="setup", members=[member(ANN, is_ready=is_ready), member(BOB)])

    assert ready(room, 0, RoomReady("KEY", 0, None, is_ready=is_ready)) is None


def test_running_begins_with_the_item_that_says_so_and_packets_come_after_it() -> None:
    room = view(
        seat(), seat(), state="setup", members=[member(ANN, is_ready=True), member(BOB, is_ready=True)], items=4
    )
    room_document = room.value("room")

    change = begun(room, room_document, (Readied(1, is_ready=True),))

    assert change.items == (Readied(1, is_ready=True), Moved("running"))
    assert change.put["room"].began == 6
    assert change.put["pace"] == Pace(0, 0, 1, 200)


@pytest.mark.parametrize("state", ["running", "ended/left"])
def test_after_set_up_it_is_too_late(state: str) -> None:
    room = view(seat(), state=state)

    with pytest.raises(Refused) as caught:
        ready(room, 0, RoomReady("KEY", 0, Cursor("ab", 0), is_ready=True))
    assert caught.value.answer is answers.WRONG_STATE
    with pytest.raises(Refused):
        configure(room, 0, RoomSetup("KEY", 0, None, {}), digest="x", limits=LIMITS)
