import pytest

from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Moved, Readied
from turnserver.messages.rooms import Listed, Seated
from turnserver.messages.sessions import Opened
from turnserver.wire.room_replies import (
    items_body,
    listed_body,
    opened_body,
    parse_items,
    parse_listed,
    parse_opened,
    parse_seated,
    seated_body,
)

CURSOR = Cursor("xY", 5)


@pytest.mark.parametrize(
    ("seated", "body"),
    [
        (Seated("ROOM", "KEY", 0, CURSOR, '{"a":"b|c;"}'), b'ROOM|KEY|0|xYF|{"a":"b%7Cc%3B"}'),
        (Seated("ROOM", "KEY", None, CURSOR, "{}"), b"ROOM|KEY|*|xYF|{}"),
    ],
)
def test_who_has_a_place_learns_room_key_index_cursor_and_header(seated: Seated, body: bytes) -> None:
    assert seated_body(seated) == body
    assert parse_seated(body) == seated


def test_items_come_after_the_cursor_that_follows_them() -> None:
    body = items_body(CURSOR, [b"r:0;1", b"s:running"])

    assert body == b"xYF|r:0;1|s:running"
    assert parse_items(body) == (CURSOR, [Readied(0, is_ready=True), Moved("running")])


def test_a_list_has_a_row_for_each_room() -> None:
    rooms = [Listed("A", "setup", 1, 4, "fun; and|games"), Listed("B", "running", 2, 2, "")]

    assert listed_body(rooms) == b"A;setup;1;4;fun%3B and%7Cgames|B;running;2;2;"
    assert parse_listed(listed_body(rooms)) == rooms


def test_an_empty_list_is_a_star() -> None:
    assert listed_body([]) == b"*"
    assert parse_listed(b"*") == []


def test_a_session_is_a_token_seconds_and_a_name() -> None:
    assert opened_body(Opened("TOKEN", 60, "guest-1")) == b"TOKEN|60|guest-1"
    assert parse_opened(b"TOKEN|60|guest-1") == Opened("TOKEN", 60, "guest-1")


@pytest.mark.parametrize("body", [b"", b"xY|r:0;1", b"*"])
def test_what_is_no_cursor_is_told_apart(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        parse_items(body)
