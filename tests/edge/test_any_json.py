"""Whatever is posted, the answer is one that the documents describe; and all faces are one."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.json_client import JsonClient, called, form
from tests.json_server import KEYS, SERVER_KEY, TOKENS, JsonServer, plain
from turnserver.messages.reply import Malformed
from turnserver.protocol.symbols import Symbol
from turnserver.wire.actions import accounts
from turnserver.wire.actions.action import Action
from turnserver.wire.actions.table import BY_METHOD, TABLE
from turnserver.wire.json_requests import FORM_TYPE, error_object
from turnserver.wire.paths import text_path
from turnserver.wire.replies import parse

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["*", "", "0", "lobby", "room", "game", "a;b", "a|b", "a,b", "a\nb", "x" * 17_000]),
    st.sampled_from([*KEYS[:6], *TOKENS[:3], SERVER_KEY, "xYA", "pause", "ann", "bob", f"guest-{KEYS[0]}"]),
)
NUMBERS = st.one_of(st.integers(-2, 20), st.sampled_from([10**15, 10**30, -(10**20), 2**63]))
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
PATHS = [*(action.path for action in TABLE), "/rpc"]
WISHES = {"engine": "e", "seed": "s", "players": [1, 2]}
FITTING: Mapping[str, st.SearchStrategy[Any]] = {
    "players": st.tuples(st.integers(0, 3), st.integers(0, 20)).map(list),
    "states": st.just({}) | st.dictionaries(TEXTS, JSON, max_size=2),
    "config": st.dictionaries(TEXTS, JSON, max_size=3),
    "patch": st.dictionaries(TEXTS, JSON, max_size=3),
    "viewers": st.booleans() | NUMBERS,
    "on_silence": st.sampled_from(["wait", "skip", "drop", "no"]),
    "archive": st.sampled_from(["members", "all", "no"]),
    "index": st.none() | st.integers(-1, 3),
    "data": JSON,
    "has_seat": st.none() | st.booleans(),
    "ready": st.booleans(),
    "long": st.booleans(),
    **dict.fromkeys(("player", "generation", "turn_ms", "lookahead", "silence_s"), NUMBERS),
    **dict.fromkeys(("received", "latency_ms", "framerate", "checked"), st.none() | NUMBERS),
}


@cache
def fields_for(action: Action) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of the types that the action wants, more or less."""
    known = {
        field.name: FITTING.get(field.name, TEXTS | NUMBERS if field.name == "counter" else TEXTS)
        for field in msgspec.structs.fields(action.fields)
    }
    needed = {field.name for field in msgspec.structs.fields(action.fields) if field.required}
    if action.path == "/play/update":
        known["data"] = TEXTS
    known.pop("wait", None)  # nobody else would end the wait
    return st.fixed_dictionaries(
        {name: one for name, one in known.items() if name in needed},
        optional={name: one for name, one in known.items() if name not in needed},
    )


@cache
def asking(action: Action) -> st.SearchStrategy[tuple[Action, dict[str, Any]]]:
    return st.tuples(st.just(action), fields_for(action))


ASKED = st.sampled_from(TABLE).flatmap(asking)

# All but accounts, whose records are no part of what the memory store keeps.
WITHOUT_RECORDS = [one for one in TABLE if one.symbol is Symbol.GUEST or one not in accounts.ACTIONS]
LOCAL = st.sampled_from(WITHOUT_RECORDS).flatmap(asking)


@pytest.fixture(scope="module")
def client(server: str) -> Iterator[JsonClient]:
    with JsonClient(int(server.rpartition(":")[2])) as opened:
        yield opened


def is_described(status: int) -> bool:
    return status in (200, 400, 401, 403, 404, 409, 413, 429)


@given(ASKED)
def test_fields_get_a_documented_answer(client: JsonClient, asked: tuple[Action, dict[str, Any]]) -> None:
    action, fields = asked

    for kind, body in (("application/json", json.dumps(fields).encode()), (FORM_TYPE, form(fields))):
        assert is_described(client.ask("POST", action.path, body, kind=kind).status)
    assert is_described(client.post("/rpc", called(action.method, fields)).status)


@given(JSON, st.sampled_from(PATHS))
def test_any_json_gets_a_documented_answer(client: JsonClient, value: Any, path: str) -> None:
    assert is_described(client.post(path, value).status)
    assert is_described(client.post("/rpc", {"jsonrpc": "2.0", "method": "guest", "params": value, "id": value}).status)


@given(st.binary(max_size=60), st.sampled_from(PATHS))
@example(b"\xff", "/create")
@example(b'{"name":"\\ud800"}', "/play/register")
@example(b"name=%ed%a0%80", "/play/register")
@example(b"[" * 5_000, "/rpc")
def test_any_bytes_get_a_documented_answer_on_any_path(client: JsonClient, body: bytes, path: str) -> None:
    for kind in (FORM_TYPE, "application/json", "text/plain"):
        assert is_described(client.ask("POST", path, body, kind=kind).status)


@given(LOCAL)
def test_an_error_changes_nothing(asked: tuple[Action, dict[str, Any]]) -> None:
    action, fields = asked
    server = prepared()
    before = server.kept()

    answered = server.perform(action, fields)

    assert "error" not in answered or server.kept() == before


@given(st.lists(LOCAL, max_size=12))
def test_paths_calls_and_lines_do_the_same(asked: list[tuple[Action, dict[str, Any]]]) -> None:
    by_path, by_call, by_line = prepared(), prepared(), prepared()
    for action, drawn in asked:
        fields = {"token": TOKENS[0], **drawn} if action.opens_guest else drawn  # a guest's join is two requests
        line = spelled(action, fields)
        if line is None:
            continue

        performed = by_path.perform(action, fields)
        answered = by_call.call(json.dumps(called(action.method, fields)).encode())
        replied = told(action, fields, by_line.say(line, fields.get("title", "")))

        assert placeless(performed) == placeless(replied)
        assert answered.get("result", answered.get("error", {}).get("data")) == performed
    assert by_path.kept() == by_call.kept() == by_line.kept()


def placeless(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer whose details do not name the place: lines call it by another name."""
    return {**answer, "details": answer["details"].partition(": ")[2]} if "details" in answer else answer


def prepared() -> JsonServer:
    """A server where the drawn keys lead somewhere: guests, a pair that was made, and a room that is set up."""
    server = JsonServer()
    lines = ["62,*,*,*,*", "62,*,*,*,*", "0,ann,*,*,*", "0,bob,*,*,*"]
    lines += [f"{symbol},*,{key},*,*" for symbol in "2234" for key in KEYS[2:4]]
    for line in lines:
        assert server.say(line).startswith("0/"), line
    server.perform(BY_METHOD["create"], {**WISHES, "token": TOKENS[0], "players": [2, 3], "viewers": True})
    return server


def spelled(action: Action, fields: Mapping[str, Any]) -> bytes | None:
    """The line that asks for the same; None where no line can, or the fields are none."""
    try:
        line = action.fields_of(fields).line()
    except Malformed:
        return None
    text = ",".join((action.symbol.value, *line))
    is_one = text.rsplit(",", 3)[1:] == [line.key, line.player, line.counter] and not text.endswith("\n")
    return text.encode() if is_one and text_path(f"/{fields.get('title', '')}") else None


def told(action: Action, fields: Mapping[str, Any], line: str) -> Any:
    """What a reply line says, as JSON has it."""
    reply = parse(line.encode())
    if reply.answer.is_error:
        return plain(error_object(reply))
    return plain(action.answer.read(reply, action.fields_of(fields)))
