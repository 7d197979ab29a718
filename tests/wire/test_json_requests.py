from typing import Any

import msgspec
import pytest

from turnserver.messages.reply import Malformed, Reply
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.actions.messages import Send
from turnserver.wire.actions.rooms import Create, List
from turnserver.wire.json_requests import (
    FORM_FIELDS_MAX,
    FORM_TYPE,
    Error,
    bearer_of,
    error_object,
    fields_of,
    secret_of,
)

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
        (b'{"engine":"other","seed":"7","players":[2,4],"config":{"a":1}}', "", "engine=e&wait=20"),
    ],
)
def test_fields_come_as_json_as_a_form_or_in_the_query_which_wins(body: bytes, content_type: str, query: str) -> None:
    assert fields_of(body, content_type, query, Create, LIMITS) == WISHES


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        (b"engine=7&has_seat=true&state=setup", {"engine": "7", "has_seat": True, "state": "setup"}),
        (b"other=7&name=", {"other": "7", "name": ""}),
    ],
)
def test_in_a_form_text_is_text_and_all_else_is_json(form: bytes, fields: dict[str, Any]) -> None:
    assert fields_of(form, FORM_TYPE, "", List, LIMITS) == fields


def test_a_field_of_any_kind_is_json_in_a_form() -> None:
    assert fields_of(b'data={"a":[1]}&to=ann', FORM_TYPE, "", Send, LIMITS) == {"data": {"a": [1]}, "to": "ann"}


@pytest.mark.parametrize(
    ("authorization", "query", "secret"),
    [
        ("Bearer TOKEN", {}, "TOKEN"),
        ("bearer TOKEN ", {"token": "other"}, "TOKEN"),
        ("Basic abc", {"token": "TOKEN"}, "TOKEN"),
        ("", {"token": "TOKEN"}, "TOKEN"),
        ("", {}, ""),
    ],
)
def test_a_token_travels_as_bearer_or_as_a_field(authorization: str, query: dict[str, str], secret: str) -> None:
    assert secret_of(authorization, query) == secret


def test_only_a_bearer_is_one() -> None:
    assert bearer_of("Bearer ") == ""
    assert bearer_of("Basic abc") is None


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
        fields_of(body, content_type, "", Create, LIMITS)

    assert caught.value.answer.code == code


def test_an_error_is_a_row_of_the_table_and_the_place() -> None:
    full = Error(error=33, code="33/*", name="FULL", words="full", status=409, retry=True)

    assert error_object(Reply(answers.FULL)) == full
    assert error_object(Reply(answers.BAD_DATA, b"a%3Bb")).details == "a;b"
    assert b"details" not in msgspec.json.encode(full)
