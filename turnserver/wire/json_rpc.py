"""JSON-RPC 2.0: calls and their answers, one or many in one body.

Source: JSON-RPC 2.0 (jsonrpc.org/specification); docs/json.md, "JSON-RPC".
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Struct, UnsetType

from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.json_rpc import INVALID_REQUEST, PARSE_ERROR, Code
from turnserver.protocol.limits import Limits
from turnserver.wire.actions.action import BadFields
from turnserver.wire.json_requests import Error
from turnserver.wire.objects import is_deeper

Id = str | int | float | None


class Call(Struct, frozen=True, forbid_unknown_fields=True):
    """One call; without an `id` it is a notification, which nobody answers."""

    jsonrpc: Literal["2.0"]
    method: str
    params: dict[str, Any] | list[Any] = {}
    id: Id | UnsetType = UNSET


class Fault(Struct, frozen=True):
    """Why a call has no result: one of JSON-RPC's own codes, or the number of an error of the protocol."""

    code: int
    message: str
    data: Error | str | UnsetType = UNSET


class Result(Struct, frozen=True, kw_only=True):
    """The answer to a call that succeeded."""

    jsonrpc: Literal["2.0"] = "2.0"
    result: Any
    id: Id


class Failure(Struct, frozen=True, kw_only=True):
    """The answer to a call that failed."""

    jsonrpc: Literal["2.0"] = "2.0"
    error: Fault
    id: Id


class Calls(NamedTuple):
    """What one body asks for: calls, and answers in place of those that are none."""

    calls: tuple[Call | Failure, ...]
    is_batch: bool


def parse(body: bytes, limits: Limits) -> Calls:
    """The calls of a body.

    Args:
        body: JSON.
        limits: `batch_lines_max` calls at most.

    Raises:
        Malformed: TOO_LARGE: too many calls.
        NotCalls: It is no JSON, or a batch of nothing.
    """
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotCalls(failure(None, PARSE_ERROR, str(error))) from None
    if not isinstance(value, list):
        return Calls((_call(value),), is_batch=False)
    if not value:
        raise NotCalls(failure(None, INVALID_REQUEST, "an empty batch"))
    if len(value) > limits.batch_lines_max:
        raise Malformed(answers.TOO_LARGE)
    return Calls(tuple(_call(one) for one in value), is_batch=True)


class NotCalls(Exception):
    """A body that asks for nothing.

    Args:
        failure: The answer to it.
    """

    def __init__(self, failure: "Failure") -> None:
        super().__init__(failure.error.message)
        self.failure = failure


def _call(value: Any) -> Call | Failure:
    try:
        return msgspec.convert(value, Call)
    except msgspec.ValidationError as error:
        return failure(_id(value), INVALID_REQUEST, str(error))


def _id(value: Any) -> Id:
    """The id of a call that is none, as far as it has one."""
    found = value.get("id") if isinstance(value, Mapping) else None
    return found if isinstance(found, str | int | float) and not isinstance(found, bool) else None


def params_of(call: Call, limits: Limits) -> dict[str, Any]:
    """The parameters of a call, which go by their names: an empty list is none at all.

    Raises:
        BadFields: They come by their places, or are deeper than `room_config_depth_max`.
    """
    if isinstance(call.params, list):
        if call.params:
            raise BadFields(answers.BAD_DATA, "parameters go by their names")
        return {}
    if is_deeper(call.params, limits.room_config_depth_max):
        raise BadFields(answers.BAD_DATA, f"deeper than {limits.room_config_depth_max} objects and lists")
    return call.params


def failure(call_id: Id, code: Code, reason: str) -> Failure:
    """The answer that JSON-RPC itself has for what is wrong."""
    return Failure(error=Fault(code.number, code.words, reason), id=call_id)


def refusal(call_id: Id, error: Error) -> Failure:
    """The answer that the protocol has."""
    return Failure(error=Fault(error.error, error.words, error), id=call_id)
