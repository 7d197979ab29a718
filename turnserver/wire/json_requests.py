"""The JSON faces of rooms: fields of a JSON object or a form to the same requests that lines spell, replies to objects.

Source: docs/rooms.md, "Over JSON".
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from turnserver.messages.reply import Malformed, Reply
from turnserver.messages.rooms import RoomCreate, RoomJoin, Seated
from turnserver.messages.sessions import Opened
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import UNUSED
from turnserver.wire import cursor as cursors
from turnserver.wire.objects import bad_data, is_deeper, json_object
from turnserver.wire.percent import decode
from turnserver.wire.rooms import wished_name
from turnserver.wire.wishes import parse_wishes

FORM_TYPE = "application/x-www-form-urlencoded"

FORM_FIELDS_MAX = 64
"""More fields than any request has."""

_TEXTS = frozenset(("engine", "seed", "name", "on_silence", "archive", "username", "token", "counter", "game_id"))
"""The fields that are text; in a form, all others are JSON."""

Fields = Mapping[str, Any]


def fields_of(body: bytes, content_type: str, query: str, limits: Limits) -> Fields:
    """The fields of a request: those of its body, and those of its query, which win.

    Args:
        body: A JSON object, or a form; empty for no fields.
        content_type: The header's value; whatever does not say that it is a form is JSON, and so is a body that begins
            with a brace, for clients that say "form" of everything.
        query: The URL's query string, without `?`.
        limits: `room_config_depth_max` counts.

    Raises:
        Malformed: NO_BODY or BAD_DATA.
    """
    depth_max = limits.room_config_depth_max
    if not body:
        fields: dict[str, Any] = {}
    elif content_type.partition(";")[0].strip().lower() == FORM_TYPE and not body.startswith(b"{"):
        fields = _form(body, depth_max)
    else:
        fields = json_object(body, depth_max=depth_max)
    return fields | _form(query.encode(), depth_max)


def _form(body: bytes, depth_max: int) -> dict[str, Any]:
    try:
        text = body.decode()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS_MAX)
    except UnicodeDecodeError:
        raise Malformed(answers.NO_BODY) from None
    except ValueError as error:
        raise bad_data(str(error)) from None
    return {name: value if name in _TEXTS else _json_value(name, value, depth_max) for name, value in pairs}


def _json_value(name: str, text: str, depth_max: int) -> Any:
    """The JSON value of a form's field."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise bad_data(f"{name}: {error}") from None
    if is_deeper({name: value}, depth_max):
        raise bad_data(f"{name}: deeper than {depth_max} objects and lists")
    return value


def token_of(fields: Fields, authorization: str) -> str | None:
    """The token that came with a request: `Authorization: Bearer TOKEN`, else the field `token`; None without one."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return _text(fields, "token")


def room_create(fields: Fields, token: str, limits: Limits) -> RoomCreate:
    """What `POST /create` asks for.

    Raises:
        Malformed: BAD_DATA.
    """
    wishes = {name: value for name, value in fields.items() if name not in ("token", "username", "counter")}
    return RoomCreate(token, _name(fields, limits), _text(fields, "counter"), parse_wishes(wishes, limits))


def room_join(fields: Fields, token: str, limits: Limits) -> RoomJoin:
    """What `/join` asks for.

    Raises:
        Malformed: BAD_DATA.
    """
    room = _text(fields, "game_id")
    if room is None:
        raise bad_data("game_id: missing")
    return RoomJoin(token, _name(fields, limits), _text(fields, "counter"), room)


def _name(fields: Fields, limits: Limits) -> str | None:
    username = _text(fields, "username")
    return None if username is None else wished_name(username, limits)


def _text(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_data(f"{name}: not text")
    return value


def seated_object(seated: Seated, guest: Opened | None = None) -> Mapping[str, Any]:
    """The answer to creating and joining; for who came without a token, with a guest's."""
    answer = {
        "room": seated.room,
        "join_url": f"/join?game_id={seated.room}",
        "key": seated.key,
        "index": seated.seat,
        "cursor": cursors.encode(seated.cursor),
        "header": msgspec.Raw(seated.header.encode()),
    }
    if guest is not None:
        answer |= {"token": guest.token, "expires_in": guest.seconds, "username": guest.name}
    return answer


def error_object(reply: Reply) -> Mapping[str, Any]:
    """An error as JSON: its number, the HTTP status, the table's words and, where there is one, the place."""
    answer = {
        "error": int(reply.answer.code.partition("/")[0]),
        "status": reply.answer.http,
        "words": reply.answer.words,
        "retry": reply.answer.retry,
    }
    details = reply.body.decode()
    return answer if details == UNUSED else {**answer, "details": decode(details)}
