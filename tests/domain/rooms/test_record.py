from typing import Any

import msgspec
import pytest

from tests.domain.rooms.room_views import ANN, BOB, CID, seat, view
from turnserver.domain.rooms.documents import Refusal, Viewer, Viewers, refusal_of
from turnserver.domain.rooms.record import events, readable, refused
from turnserver.messages.items import Configured, Diverged, Item, Joined, Lagging, Left, Moved, Packet, Readied
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import Readers
from turnserver.partition import Document, View
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits

ITEMS: list[tuple[Item, dict[str, Any]]] = [
    (Joined(0, "ann"), {"kind": "joined", "seat": 0, "name": "ann"}),
    (Left(0, "left"), {"kind": "left", "seat": 0, "why": "left"}),
    (Configured('{"a":1}'), {"kind": "configured", "config": {"a": 1}}),
    (Readied(0, is_ready=True), {"kind": "readied", "seat": 0, "is_ready": True}),
    (Moved("running"), {"kind": "moved", "state": "running"}),
    (
        Packet(1, 12, None, None, "", ("up", None)),
        {
            "kind": "packet",
            "generation": 1,
            "iterations": 12,
            "turn_ms": None,
            "checked": None,
            "hash": "",
            "commands": ["up", None],
        },
    ),
    (
        Diverged(5, (1,), ((0, "a"), (1, "b")), ("map",)),
        {"kind": "diverged", "generation": 5, "minority": [1], "hashes": {"0": "a", "1": "b"}, "parts": ["map"]},
    ),
    (Lagging(1, 900), {"kind": "lagging", "seat": 1, "waited_ms": 900}),
]


def told(room: View, items: list[tuple[int, Item]], upto_ms: int | None = None) -> list[Any]:
    """The events as a reader of JSON has them."""
    return [msgspec.json.decode(msgspec.json.encode(event)) for event in events(room, iter(items), upto_ms=upto_ms)]


@pytest.mark.parametrize(("item", "event"), ITEMS)
def test_every_item_is_an_event(item: Item, event: dict[str, Any]) -> None:
    assert told(view(seat()), [(7, item)])[1] == {"at_ms": 7, **event}


def test_a_record_begins_with_what_the_room_is() -> None:
    assert told(view(seat(), rules={"chart": '{"by":{}}'}), []) == [
        {
            "at_ms": 0,
            "kind": "created",
            "room": "ROOM",
            "engine": "e",
            "seed": "s",
            "name": "",
            "players": [2, 4],
            "states": {"by": {}},
            "turn_ms": 200,
            "lookahead": 2,
            "silence_s": 30,
            "on_silence": "wait",
        }
    ]


def test_reports_and_refusals_stand_where_they_happened() -> None:
    room = view(seat(), seat(), reports={1: [(5, "a")]}, now_ms=3)
    note = refused(room, 0, "25", answers.TOO_OLD, limits=Limits())
    assert note is not None
    stream = room.stream("refusals").appended(note.append["refusals"])
    room = View(room.documents, {**room.streams, "refusals": stream}, 3, 0)

    _, first, second, third = told(room, [(2, Moved("running"))])

    assert first["kind"] == "reported"
    assert (first["seat"], first["generation"], first["checked"], first["hash"]) == (1, 1, 5, "a")
    assert second == {"at_ms": 2, "kind": "moved", "state": "running"}
    assert third == {"at_ms": 3, "kind": "refused", "seat": 0, "symbol": "25", "error": "34/*"}


def test_what_is_later_than_a_late_viewer_may_see_is_left_out() -> None:
    room = view(seat(), reports={0: [(5, "a")]})

    assert [event["kind"] for event in told(room, [], upto_ms=0)] == ["created", "reported"]
    assert [event["kind"] for event in told(room, [], upto_ms=-1)] == ["created"]


def test_only_so_many_refusals_are_noted() -> None:
    room = view(seat())
    note = refused(room, 0, "25", answers.TOO_OLD, limits=Limits(room_refusals_max=1))

    assert note is not None
    assert [refusal_of(entry) for entry in note.append["refusals"]] == [Refusal(0, 0, "25", "34/*")]
    full = View(room.documents, {"refusals": room.stream("refusals").appended([b"x"])}, 0, 0)
    assert refused(full, 0, "25", answers.TOO_OLD, limits=Limits(room_refusals_max=1)) is None


def room(*, viewers: int | None = None, archive: Readers = Readers.MEMBERS, ended: bool = False) -> View:
    """Ann's room, watched by Bob."""
    made = view(
        seat(),
        rules={"viewers": viewers, "archive": archive},
        state="ended/left" if ended else "running",
        ended_ms=0 if ended else None,
    )
    return View({**made.documents, "viewers": Document(1, Viewers((Viewer(BOB.user, "bK", 0),)))}, {}, 0, 0)


@pytest.mark.parametrize(
    ("found", "user", "digest", "all_of_it"),
    [
        pytest.param(room(), ANN.user, "", True, id="a member by its token"),
        pytest.param(room(), None, "aK", True, id="a member by its key"),
        pytest.param(room(viewers=2), BOB.user, "", False, id="a viewer by its token"),
        pytest.param(room(viewers=2), None, "bK", False, id="a viewer by its key"),
        pytest.param(room(viewers=2, ended=True), None, "bK", True, id="a viewer after the end"),
        pytest.param(room(viewers=2, archive=Readers.ALL), None, "", False, id="anybody as viewers do"),
        pytest.param(room(archive=Readers.ALL, ended=True), None, "", True, id="anybody after the end"),
    ],
)
def test_who_may_read_the_record(found: View, user: str | None, digest: str, *, all_of_it: bool) -> None:
    assert readable(found, user=user, digest=digest) is all_of_it


def test_a_program_of_the_server_may_read_all_of_any_record() -> None:
    assert readable(room(), user=None, digest="x", is_program=True)


@pytest.mark.parametrize(
    ("found", "user", "answer"),
    [
        pytest.param(View({}, {}, 0, 0), ANN.user, answers.NOT_THERE, id="no room"),
        pytest.param(room(viewers=0), None, answers.NO_RIGHT, id="nobody"),
        pytest.param(room(ended=True), CID.user, answers.NOT_ALLOWED, id="somebody else"),
        pytest.param(room(archive=Readers.ALL), CID.user, answers.NOT_ALLOWED, id="a running room without viewers"),
    ],
)
def test_who_may_not(found: View, user: str | None, answer: Answer) -> None:
    with pytest.raises(Refused) as caught:
        readable(found, user=user, digest="x")

    assert caught.value.answer is answer
