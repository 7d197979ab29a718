from typing import Any

import pytest

from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Malformed, Reply
from turnserver.messages.rooms import RoomJoin, Seated
from turnserver.messages.sessions import Opened
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.json_requests import (
    FORM_FIELDS_MAX,
    FORM_TYPE,
    error_object,
    fields_of,
    room_create,
    room_join,
    seated_object,
    token_of,
)
from turnserver.wire.objects import json_text
from turnserver.wire.requests import parse

LIMITS = Limits()
WISHES = {"engine": "e", "seed": "7", "players": [2, 4], "config": {"a": 1}}


@pytest.mark.parametrize(
    ("body", "content_type", "query"),
    [
        (b'{"engine":"e","seed":"7","players":[2,4],"config":{"a":1}}', "application/json", ""),
        (b'{"engine":"e","seed":"7","players":[2,4],"config":{"a":1}}', "", ""),
        (b'{"engine":"e","seed":"7","players":[2,4],"config":{"a":1}}', FORM_TYPE, ""),
        (b"engine=e&seed=7&players=[2,4]&config=%7B%22a%22%3A1%7D", f"{FORM_TYPE}; charset=utf-8", ""),
        (b"engine=e&seed=7", FORM_TYPE.upper(), "players=%5B2%2C4%5D&config={%22a%22:1}"),
        (b"", "", "engine=e&seed=7&players=[2,4]&config={%22a%22:1}"),
        (b'{"engine":"other","seed":"7","players":[2,4],"config":{"a":1}}', "", "engine=e"),
    ],
)
def test_fields_come_as_json_as_a_form_or_in_the_query_which_wins(body: bytes, content_type: str, query: str) -> None:
    assert fields_of(body, content_type, query, LIMITS) == WISHES


def test_json_and_a_line_make_the_same_request() -> None:
    line = f"20,{json_text(WISHES)},TOKEN,ann,1".encode()

    assert room_create({**WISHES, "username": "ann", "counter": "1"}, "TOKEN", LIMITS) == parse(line, LIMITS)


def test_joining_needs_the_room() -> None:
    fields = {"game_id": "ROOM", "username": "ann", "counter": "1", "token": "ignored"}

    assert room_join(fields, "TOKEN", LIMITS) == RoomJoin("TOKEN", "ann", "1", "ROOM")
    assert room_join({"game_id": "ROOM"}, "TOKEN", LIMITS) == RoomJoin("TOKEN", None, None, "ROOM")
    with pytest.raises(Malformed) as caught:
        room_join({}, "TOKEN", LIMITS)
    assert caught.value.details == "game_id: missing"


@pytest.mark.parametrize(
    ("authorization", "fields", "token"),
    [
        ("Bearer TOKEN", {}, "TOKEN"),
        ("bearer TOKEN ", {"token": "other"}, "TOKEN"),
        ("Basic abc", {"token": "TOKEN"}, "TOKEN"),
        ("", {"token": "TOKEN"}, "TOKEN"),
        ("", {}, None),
    ],
)
def test_a_token_travels_as_bearer_or_as_a_field(authorization: str, fields: dict[str, Any], token: str | None) -> None:
    assert token_of(fields, authorization) == token


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"[]", "application/json", "36/*"),
        (b"\xff", FORM_TYPE, "2/*"),
        (b"engine=%ff", FORM_TYPE, "2/*"),
        (b"players=", FORM_TYPE, "36/*"),
        (b"players=[2", FORM_TYPE, "36/*"),
        (b"config=" + b"[" * 33 + b"]" * 33, FORM_TYPE, "36/*"),
        (b"&".join(b"x=1" for _ in range(FORM_FIELDS_MAX + 1)), FORM_TYPE, "36/*"),
    ],
)
def test_bad_fields_have_their_errors(body: bytes, content_type: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        fields_of(body, content_type, "", LIMITS)

    assert caught.value.answer.code == code


@pytest.mark.parametrize("name", ["username", "counter", "token", "game_id"])
def test_text_must_be_text(name: str) -> None:
    with pytest.raises(Malformed):
        room_join({"game_id": "ROOM", name: 1}, "TOKEN", LIMITS) and token_of({name: 1}, "")


def test_a_name_must_be_a_name() -> None:
    with pytest.raises(Malformed):
        room_join({"game_id": "ROOM", "username": "a|b"}, "TOKEN", LIMITS)


def test_who_has_a_place_gets_an_object_and_a_guest_its_token() -> None:
    seated = Seated("ROOM", "KEY", 1, Cursor("xY", 5), '{"seed":"7"}')
    answer = {
        "room": "ROOM",
        "join_url": "/join?game_id=ROOM",
        "key": "KEY",
        "index": 1,
        "cursor": "xYF",
        "header": {"seed": "7"},
    }

    assert json_text(seated_object(seated)) == json_text(answer)
    assert json_text(seated_object(seated, Opened("TOKEN", 60, "guest-1"))) == json_text(
        {**answer, "token": "TOKEN", "expires_in": 60, "username": "guest-1"}
    )


def test_an_error_is_a_row_of_the_table_and_the_place() -> None:
    assert error_object(Reply(answers.FULL)) == {"error": 33, "status": 409, "words": "full", "retry": True}
    assert error_object(Reply(answers.BAD_DATA, b"a%3Bb"))["details"] == "a;b"
