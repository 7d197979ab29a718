"""Requests over JSON: the fields of a JSON object, a form or a query, and errors as objects.

Source: docs/json.md.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct, inspect, structs

from turnserver.messages.reply import Malformed, Reply
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import UNUSED
from turnserver.wire.objects import bad_data, is_deeper, json_object
from turnserver.wire.percent import decode

FORM_TYPE = "application/x-www-form-urlencoded"

FORM_FIELDS_MAX = 64
"""More fields than any request has."""

WAIT = "wait"
"""In a query, how long the client is willing to wait; see `wire.prefer`."""

Fields = Mapping[str, Any]


class Error(Struct, frozen=True):
    """What went wrong: a row of the table of errors and, in `details`, the place."""

    error: int
    code: str
    name: str
    words: str
    status: int
    retry: bool
    details: str | msgspec.UnsetType = msgspec.UNSET


def fields_of(body: bytes, content_type: str, query: str, wanted: type[Struct], limits: Limits) -> Fields:
    """The fields of a request: those of its body, and those of its query, which win.

    Args:
        body: A JSON object, or a form; empty for no fields.
        content_type: The header's value; whatever does not say that it is a form is JSON, and so is a body that begins
            with a brace, for clients that say "form" of everything.
        query: The URL's query string, without `?`.
        wanted: The fields that the action has. In a form, those of text are text, all others are JSON.
        limits: `room_config_depth_max` counts.

    Raises:
        Malformed: NO_BODY or BAD_DATA.
    """
    depth_max = limits.room_config_depth_max
    if not body:
        fields: dict[str, Any] = {}
    elif content_type.partition(";")[0].strip().lower() == FORM_TYPE and not body.startswith(b"{"):
        fields = _form(body, wanted, depth_max)
    else:
        fields = json_object(body, depth_max=depth_max)
    asked = _form(query.encode(), wanted, depth_max, ignored=WAIT)
    return fields | asked


def _form(body: bytes, wanted: type[Struct], depth_max: int, *, ignored: str = "") -> dict[str, Any]:
    try:
        text = body.decode()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS_MAX)
    except UnicodeDecodeError:
        raise Malformed(answers.NO_BODY) from None
    except ValueError as error:
        raise bad_data(str(error)) from None
    others = _others(wanted)
    return {
        name: _json_value(name, value, depth_max) if name in others else value
        for name, value in pairs
        if name != ignored
    }


@cache
def _others(wanted: type[Struct]) -> frozenset[str]:
    """The names of the fields that are not text."""
    return frozenset(field.name for field in structs.fields(wanted) if not _is_text(inspect.type_info(field.type)))


def _is_text(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.Metadata):
        return _is_text(kind.type)
    if isinstance(kind, inspect.UnionType):
        return any(map(_is_text, kind.types))
    return isinstance(kind, inspect.StrType | inspect.EnumType | inspect.LiteralType)


def _json_value(name: str, text: str, depth_max: int) -> Any:
    """The JSON value of a form's field."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise bad_data(f"{name}: {error}") from None
    if is_deeper({name: value}, depth_max):
        raise bad_data(f"{name}: deeper than {depth_max} objects and lists")
    return value


def bearer_of(authorization: str) -> str | None:
    """The secret of `Authorization: Bearer SECRET`; None if the header is another or missing."""
    scheme, _, credentials = authorization.partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None


def secret_of(authorization: str, query: Mapping[str, str]) -> str:
    """The secret of a request that has no other fields: the header's, else the field `token`, else ""."""
    bearer = bearer_of(authorization)
    return query.get("token", "") if bearer is None else bearer


def error_object(reply: Reply) -> Error:
    """An error as JSON has it."""
    answer, details = reply.answer, reply.body.decode()
    return Error(
        error=int(answer.code.partition("/")[0]),
        code=answer.code,
        name=answers.NAMES[answer.code],
        words=answer.words,
        status=answer.http,
        retry=answer.retry,
        details=msgspec.UNSET if details == UNUSED else decode(details),
    )
