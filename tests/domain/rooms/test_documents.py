import msgspec
import pytest

from tests.domain.rooms.room_views import ANN, BOB, CID, member
from turnserver.build import Document
from turnserver.domain.rooms.documents import (
    REPORTS,
    SEATS,
    Config,
    Pace,
    Refusal,
    Report,
    Room,
    Seat,
    Turn,
    Viewer,
    Viewers,
    is_ended,
    is_paused,
    is_running,
    key_partition,
    live_seats,
    packed,
    refusal_of,
    report_of,
    room_partition,
)
from turnserver.protocol.limits import Limits


@pytest.mark.parametrize(
    ("state", "running", "paused"),
    [
        ("setup", False, False),
        ("setup/paused", False, False),
        ("running", True, False),
        ("running/day", True, False),
        ("running/pausedly", True, False),
        ("running/paused", True, True),
        ("running/paused/lagging", True, True),
        ("ended/left", False, False),
    ],
)
def test_a_paused_room_is_a_running_one(state: str, *, running: bool, paused: bool) -> None:
    room = Room((), state)

    assert (is_running(room), is_paused(room)) == (running, paused)


def test_a_room_has_ended_once_it_is_noted_when() -> None:
    assert not is_ended(Room((), "running"))
    assert is_ended(Room((), "ended/left", ended_ms=0))


def test_live_seats_are_those_that_somebody_plays() -> None:
    assert live_seats(Room((member(ANN), None, member(BOB, is_live=False), member(CID)), "running")) == [0, 3]


@pytest.mark.parametrize(
    "document",
    [
        Room((member(ANN, dead=("x",)), None), "setup"),
        Config("{}", 3),
        Viewers((Viewer("u", "k", 5),)),
        Pace(1, 2, 3, 4, skipping=(1,)),
        Seat(1, (Turn(2, "up", 3),)),
    ],
)
def test_every_document_comes_back_from_a_journal(document: object) -> None:
    decode = msgspec.msgpack.Decoder(Document).decode

    assert decode(msgspec.msgpack.encode(document)) == document


def test_reports_and_refusals_come_back_from_their_streams() -> None:
    report, refusal = Report(1, 2, None, "", 40, 60), Refusal(1, 0, "25", "35/*")

    assert report_of(packed(report)) == report
    assert refusal_of(packed(refusal)) == refusal


def test_there_are_names_for_all_seats_that_a_room_can_have() -> None:
    assert len(SEATS) >= Limits().room_seats_max
    assert (SEATS[7], REPORTS[7]) == ("seat7", "reports7")
    assert (room_partition("ROOM"), key_partition("00ff")) == ("room:ROOM", "roomkey:00ff")
