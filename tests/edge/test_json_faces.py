"""Rooms over JSON and forms, on a real server."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.raw_http import Answer, RawConnection, post, request
from turnserver.edge.json_faces import error_response
from turnserver.messages.reply import Reply
from turnserver.protocol import answers

WISHES = {"engine": "chess 1", "seed": "42", "players": [2, 3], "config": {"board": 8}, "viewers": True}
FORM = b"content-type: application/x-www-form-urlencoded"


def token_of(connection: RawConnection) -> str:
    body = connection.ask(post(b"62,*,*,*,*")).body.decode()
    return body.removeprefix("0/62/").partition("|")[0]


def bearer(secret: str) -> bytes:
    return f"authorization: Bearer {secret}".encode()


def answered(answer: Answer, status: int = 200) -> dict[str, Any]:
    """The JSON object of an answer that has this status and the headers of all of them."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    found: dict[str, Any] = json.loads(answer.body)
    return found


def create(connection: RawConnection, secret: str, **more: Any) -> dict[str, Any]:
    return answered(connection.ask(post(json.dumps(WISHES | more).encode(), b"/create", bearer(secret))))


def join(connection: RawConnection, made: Mapping[str, Any], *headers: bytes, **fields: str) -> Answer:
    return connection.ask(post(urlencode(fields).encode(), made["join_url"].encode(), FORM, *headers))


def error(answer: Answer, number: int, status: int) -> Mapping[str, Any]:
    found = answered(answer, status)
    assert (found["error"], found["status"]) == (number, status)
    assert found["words"]
    return found


def test_a_room_is_created_and_its_answer_names_the_room_and_the_join_url(connection: RawConnection) -> None:
    made = create(connection, token_of(connection), username="ann")

    assert made["join_url"] == f"/join?game_id={made['room']}"
    assert made["index"] == 0
    assert made["header"]["members"] == ["ann"]
    assert (made["header"]["engine"], made["header"]["seed"]) == ("chess 1", "42")


@pytest.mark.parametrize("as_field", [False, True])
def test_a_form_makes_the_same_room_and_a_token_may_be_a_field(connection: RawConnection, *, as_field: bool) -> None:
    token = token_of(connection)
    fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in WISHES.items()}
    headers = (FORM,) if as_field else (FORM, bearer(token))
    body = urlencode(fields | {"counter": "1"} | ({"token": token} if as_field else {})).encode()

    made = answered(connection.ask(post(body, b"/create", *headers)))

    assert made == create(connection, token, counter="1")


def test_who_joins_gets_engine_seed_and_the_current_configuration(connection: RawConnection) -> None:
    made = create(connection, token_of(connection))
    connection.ask(post(f'23,{{"board":9}},{made["key"]},0,*'.encode()))

    joined = answered(join(connection, made, bearer(token_of(connection))))

    assert joined["index"] == 1
    assert joined["header"]["config"] == {"board": 9}
    assert "token" not in joined


def test_a_look_at_a_room_shows_what_a_newcomer_finds_and_takes_no_seat(connection: RawConnection) -> None:
    made = create(connection, token_of(connection), username="ann", players=[2, 2])
    url = made["join_url"].encode()
    heads = [connection.ask(request(b"HEAD", url)) for _ in range(3)]

    passed_on = url + b"&utm_source=chat&token=x"
    asked = [request(b"GET", url), request(b"GET", passed_on), request(b"GET", url, bearer("any"))]
    shown = [answered(connection.ask(raw)) for raw in asked]

    assert [(head.status, head.body) for head in heads] == [(200, b"")] * 3
    assert shown == [{"room": made["room"], "join_url": made["join_url"], "header": made["header"]}] * 3
    assert shown[0]["header"]["members"] == ["ann"]


def test_a_look_tells_what_a_newcomer_would_be_told(connection: RawConnection) -> None:
    full = create(connection, token_of(connection), players=[1, 1])
    begun = create(connection, token_of(connection), players=[1, 2])
    connection.ask(post(f"24,1,{begun['key']},0,{begun['cursor']}".encode()))

    error(connection.ask(request(b"GET", full["join_url"].encode())), 33, 409)
    error(connection.ask(request(b"GET", begun["join_url"].encode())), 37, 409)
    error(connection.ask(request(b"GET", b"/join?game_id=nowhere")), 32, 404)
    assert "game_id" in error(connection.ask(request(b"GET", b"/join")), 36, 400)["details"]


def test_who_joins_without_a_token_gets_a_guests(connection: RawConnection) -> None:
    made = create(connection, token_of(connection))

    joined = answered(join(connection, made, username="bob"))

    assert joined["header"]["members"][1] == "bob"
    again = answered(join(connection, made, bearer(joined["token"])))
    assert again["index"] == 1
    assert again["key"] != joined["key"]


def test_the_key_of_a_json_answer_speaks_the_text_protocol(connection: RawConnection) -> None:
    made = create(connection, token_of(connection), players=[1, 1])
    ready = connection.ask(post(f"24,1,{made['key']},0,{made['cursor']}".encode())).body.decode()
    cursor = ready.removeprefix("0/26/").partition("|")[0]

    turn = connection.ask(post(f"25,1;;;;;up,{made['key']},0,{cursor}".encode()))

    assert turn.body.endswith(b"|t:1;1;200;;;up")


@pytest.mark.parametrize("as_token", [False, True])
def test_the_record_is_lines_of_json_for_those_who_may_read_it(
    port: int, connection: RawConnection, *, as_token: bool
) -> None:
    token = token_of(connection)
    made = create(connection, token)
    secret = token if as_token else made["key"]

    reader = HTTPConnection("127.0.0.1", port)
    reader.request("GET", f"/archive/{made['room']}", headers={"Authorization": f"Bearer {secret}"})
    answer = reader.getresponse()
    lines = [json.loads(line) for line in answer.read().splitlines()]
    reader.close()

    assert (answer.status, answer.headers["content-type"]) == (200, "application/jsonl")
    assert [line["kind"] for line in lines] == ["created", "configured", "joined"]


def test_the_record_is_closed_to_others(connection: RawConnection) -> None:
    made = create(connection, token_of(connection))
    path = f"/archive/{made['room']}".encode()

    refused = connection.ask(request(b"GET", path))
    error(refused, 30, 401)
    assert refused.headers["www-authenticate"] == "Bearer"
    error(connection.ask(request(b"GET", path, bearer(token_of(connection)))), 31, 403)
    error(connection.ask(request(b"GET", path + b"?token=" + b"x" * 43)), 30, 401)
    error(connection.ask(request(b"GET", b"/archive/nowhere")), 32, 404)


@pytest.mark.parametrize(
    ("path", "body", "number", "status", "details"),
    [
        (b"/create", b"", 36, 400, "engine"),
        (b"/create", b"[]", 36, 400, "not a JSON object"),
        (b"/create", b"\xff", 36, 400, ""),
        (b"/create", b"{" + b" " * 16_400, 42, 413, None),
        (b"/create", b'{"engine":"e","seed":"s","players":[2,99]}', 36, 400, "players"),
        (b"/create", b'{"engine":"e","seed":"s","players":[2,3],"username":"a|b"}', 36, 400, "username"),
        (b"/create", b'{"engine":"e","seed":"s","players":[2,3],"counter":7}', 36, 400, "counter"),
        (
            b"/create",
            b'{"engine":"e","seed":"s","players":[2,3],"states":{"setup":{"on":{"GO":"x"}}}}',
            36,
            400,
            "states/setup/on/GO: leads to no state",
        ),
        (b"/join", b"{}", 36, 400, "game_id"),
        (b"/join", b'{"game_id":5}', 36, 400, "game_id"),
        (b"/join", b'{"game_id":"nowhere"}', 32, 404, None),
    ],
)
def test_what_is_wrong_is_told_as_json(
    connection: RawConnection, path: bytes, body: bytes, number: int, status: int, details: str | None
) -> None:
    found = error(connection.ask(post(body, path, bearer(token_of(connection)))), number, status)

    assert (details is None) == ("details" not in found)
    assert (details or "") in found.get("details", "")


@pytest.mark.parametrize(
    ("reply", "seconds"), [(Reply(answers.TOO_MANY_REQUESTS, b"7"), "7"), (Reply(answers.STORE_DOWN), "1")]
)
def test_pages_of_other_origins_may_read_when_to_come_again(reply: Reply, seconds: str) -> None:
    headers = error_response(reply).headers

    assert (headers["retry-after"], headers["access-control-expose-headers"]) == (seconds, "retry-after")


def test_a_room_is_not_created_without_a_token(connection: RawConnection) -> None:
    error(connection.ask(post(json.dumps(WISHES).encode(), b"/create")), 30, 401)
    error(connection.ask(post(json.dumps(WISHES).encode(), b"/create", bearer("x" * 43))), 30, 401)
    error(connection.ask(post(b'{"game_id":"nowhere"}', b"/join", bearer(""))), 30, 401)


def test_a_full_room_and_a_taken_name_are_told(connection: RawConnection) -> None:
    made = create(connection, token_of(connection), username="ann", players=[1, 1])

    error(join(connection, made, username="ann"), 38, 409)
    assert error(join(connection, made), 33, 409)["retry"] is True


def test_other_methods_are_told_apart_from_other_paths(connection: RawConnection) -> None:
    wrong = connection.ask(request(b"GET", b"/create"))
    preflight = connection.ask(request(b"OPTIONS", b"/join", b"origin: https://games.example"))
    put = connection.ask(request(b"PUT", b"/join"))

    error(wrong, 41, 405)
    assert wrong.headers["allow"] == "OPTIONS, POST"
    assert put.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD, POST"
    assert preflight.headers["access-control-allow-headers"] == "authorization, content-type, prefer"


def test_a_client_that_goes_away_in_the_middle_harms_nobody(port: int, connection: RawConnection) -> None:
    with RawConnection(port) as gone:
        gone.send(b'POST /join HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"game_id"')

    assert create(connection, token_of(connection))["index"] == 0
