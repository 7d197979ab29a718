import pytest

from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Malformed
from turnserver.messages.requests import Request
from turnserver.messages.rooms import (
    Filter,
    OnSilence,
    Readers,
    RoomCreate,
    RoomEvent,
    RoomJoin,
    RoomLeave,
    RoomList,
    RoomPoll,
    RoomReady,
    RoomSetup,
    RoomTurn,
    RoomWatch,
    Wishes,
)
from turnserver.messages.sessions import Guest
from turnserver.protocol.limits import Limits
from turnserver.wire.requests import line, parse

LIMITS = Limits()
CURSOR = Cursor("xY", 5)
WISHES = Wishes("e", "s", 2, 4, "", {}, {}, None, 200, 2, 30, OnSilence.WAIT, Readers.MEMBERS)


def code(body: bytes) -> str:
    with pytest.raises(Malformed) as caught:
        parse(body, LIMITS)
    return caught.value.answer.code


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (b"21,ROOM,TOKEN,*,*", RoomJoin("TOKEN", None, None, "ROOM")),
        (b"21,ROOM,TOKEN,ann,try 1", RoomJoin("TOKEN", "ann", "try 1", "ROOM")),
        (b"22,ROOM,TOKEN,*,*", RoomWatch("TOKEN", None, "ROOM")),
        (b"22,ROOM,TOKEN,*,1", RoomWatch("TOKEN", "1", "ROOM")),
        (b'23,{"a":[1,null]},KEY,0,xYF', RoomSetup("KEY", 0, CURSOR, {"a": [1, None]})),
        (b"24,1,KEY,15,*", RoomReady("KEY", 15, None, is_ready=True)),
        (b"24,0,KEY,0,xYF", RoomReady("KEY", 0, CURSOR, is_ready=False)),
        (b"25,1;;;;;,KEY,0,xYF", RoomTurn("KEY", 0, CURSOR, 1, None, None, None, "", "")),
        (b"25,9;40;60;8;u=1&m=2;a;b,c|%,KEY,1,*", RoomTurn("KEY", 1, None, 9, 40, 60, 8, "u=1&m=2", "a;b,c|%")),
        (b"25,1;0;0;0;h;-,KEY,0,*", RoomTurn("KEY", 0, None, 1, 0, 0, 0, "h", "-")),
        (b"26,*,KEY,*,xYF", RoomPoll("KEY", None, CURSOR)),
        (b"26,*,KEY,3,*", RoomPoll("KEY", 3, None)),
        (b"27,pause,KEY,3,xYF", RoomEvent("KEY", 3, CURSOR, "pause")),
        (b"28,*,KEY,*,*", RoomLeave("KEY", None)),
        (b"28,*,KEY,2,*", RoomLeave("KEY", 2)),
        (b"29,*,TOKEN,*,*", RoomList("TOKEN", Filter())),
        (b'29,{"engine":"e","state":"setup"},TOKEN,*,*', RoomList("TOKEN", Filter(engine="e", state="setup"))),
        (b'29,{"has_seat":true},TOKEN,*,*', RoomList("TOKEN", Filter(has_seat=True))),
        (b"62,*,*,*,*", Guest()),
    ],
)
def test_each_symbol_has_its_request_and_its_line(body: bytes, request_: Request) -> None:
    assert parse(body, LIMITS) == request_
    assert line(request_) == body


@pytest.mark.parametrize(("name", "counter"), [(None, None), ("ann", "1")])
def test_a_room_is_created_with_its_wishes(name: str | None, counter: str | None) -> None:
    request = RoomCreate("TOKEN", name, counter, WISHES)

    assert parse(line(request), LIMITS) == request
    assert parse(b'20,{"engine":"e","seed":"s","players":[2,4]},TOKEN,*,*', LIMITS) == RoomCreate(
        "TOKEN", None, None, WISHES
    )


@pytest.mark.parametrize("commands", [b"", b"-", b";;;", b",,", b"{}", "é😀".encode(), b" ", b"\t"])
def test_commands_are_raw_and_the_last_part(commands: bytes) -> None:
    request = parse(b"25,1;;;;;%s,KEY,0,*" % commands, LIMITS)

    assert isinstance(request, RoomTurn)
    assert request.commands.encode() == commands


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"20,[],TOKEN,*,*", id="wishes that are no object"),
        pytest.param(b'20,{"engine":"e","seed":"s","players":[2,4]},TOKEN,lobby,*', id="a channel word as a name"),
        pytest.param(b"21,ROOM,TOKEN,a;b,*", id="a name with a semicolon"),
        pytest.param(b"23,[1],KEY,0,*", id="a patch that is no object"),
        pytest.param(b"23,null,KEY,0,*", id="a patch that is null"),
        pytest.param(b"24,yes,KEY,0,*", id="readiness that is neither"),
        pytest.param(b"24,1,KEY,-1,*", id="a seat below 0"),
        pytest.param(b"24,1,KEY,,*", id="no seat"),
        pytest.param(b"25,1;;;;,KEY,0,*", id="five fields"),
        pytest.param(b"25,0;;;;;,KEY,0,*", id="generation 0"),
        pytest.param(b"25,01;;;;;,KEY,0,*", id="another spelling"),
        pytest.param(b"25,;;;;;,KEY,0,*", id="no generation"),
        pytest.param(b"25,1;x;;;;,KEY,0,*", id="latency that is no number"),
        pytest.param(b"25,1;;60.0;;;,KEY,0,*", id="framerate that is no whole number"),
        pytest.param(b"25,1;;;-1;h;,KEY,0,*", id="a checked generation below 0"),
        pytest.param(b"25,1;;;1;;,KEY,0,*", id="checked without a hash"),
        pytest.param(b"25,1;;;;h;,KEY,0,*", id="a hash without checked"),
        pytest.param(b"27,,KEY,0,*", id="no event"),
        pytest.param(b"27,*,KEY,0,*", id="an event without a name"),
        pytest.param(b"29,{,TOKEN,*,*", id="a filter that is no object"),
        pytest.param(b'29,{"state":"ended"},TOKEN,*,*', id="a filter for a state that no list shows"),
        pytest.param(b'29,{"speed":1},TOKEN,*,*', id="a filter for what rooms do not have"),
        pytest.param(b'29,{"has_seat":1},TOKEN,*,*', id="a filter of a wrong type"),
    ],
)
def test_bad_data_is_36(body: bytes) -> None:
    assert code(body) == "36/*"


@pytest.mark.parametrize("cursor", [b"", b"0", b"xY", b"xYAB", b"xY!"])
@pytest.mark.parametrize("start", [b"23,{},KEY,0", b"24,1,KEY,0", b"25,1;;;;;,KEY,0", b"26,*,KEY,0", b"27,pause,KEY,0"])
def test_a_cursor_that_was_never_given_is_39(start: bytes, cursor: bytes) -> None:
    assert code(start + b"," + cursor) == "39/*"


def test_commands_and_hashes_have_their_limits() -> None:
    assert code(b"25,1;;;;;%s,KEY,0,*" % (b"x" * 4097)) == "42/*"
    assert code(b"25,1;;;0;%s;,KEY,0,*" % (b"x" * 257)) == "42/*"
    parse(b"25,1;;;0;%s;%s,KEY,0,*" % (b"h" * 256, b"x" * 4096), LIMITS)
