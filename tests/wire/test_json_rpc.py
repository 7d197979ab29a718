from typing import Any

import msgspec
import pytest

from turnserver.messages.reply import Malformed, Reply
from turnserver.protocol import answers
from turnserver.protocol.json_rpc import METHOD_NOT_FOUND
from turnserver.protocol.limits import Limits
from turnserver.wire.actions.action import BadFields
from turnserver.wire.json_requests import error_object
from turnserver.wire.json_rpc import Call, Failure, NotCalls, Result, failure, params_of, parse, refusal

LIMITS = Limits(batch_lines_max=3)
CALL = {"jsonrpc": "2.0", "method": "guest", "id": 1}


def calls(value: Any) -> Any:
    return parse(msgspec.json.encode(value), LIMITS)


def test_a_body_holds_one_call_or_a_batch_of_them() -> None:
    call = Call("2.0", "guest", {}, 1)

    assert calls(CALL) == ((call,), False)
    assert calls([CALL]) == ((call,), True)


@pytest.mark.parametrize("call_id", ["a", 7, 1.5, None])
def test_an_id_is_text_a_number_or_null(call_id: Any) -> None:
    assert calls({**CALL, "id": call_id}).calls[0].id == call_id


def test_without_an_id_it_is_a_notification() -> None:
    assert calls({"jsonrpc": "2.0", "method": "guest"}).calls[0].id is msgspec.UNSET


@pytest.mark.parametrize(
    ("value", "call_id"),
    [
        (7, None),
        ({}, None),
        ({**CALL, "jsonrpc": "1.0"}, 1),
        ({**CALL, "jsonrpc": 2.0}, 1),
        ({**CALL, "method": 1}, 1),
        ({**CALL, "params": "text"}, 1),
        ({**CALL, "parms": {}}, 1),
        ({**CALL, "id": [1]}, None),
        ({**CALL, "id": True}, None),
    ],
)
def test_what_is_no_call_is_answered_so(value: Any, call_id: Any) -> None:
    for refused in (calls(value).calls[0], calls([CALL, value]).calls[1]):
        assert isinstance(refused, Failure)
        assert (refused.error.code, refused.id) == (-32600, call_id)


@pytest.mark.parametrize(("body", "code"), [(b"", -32700), (b"{", -32700), (b"\xff", -32700), (b"[]", -32600)])
def test_a_body_that_asks_for_nothing_has_one_answer(body: bytes, code: int) -> None:
    with pytest.raises(NotCalls) as caught:
        parse(body, LIMITS)

    assert (caught.value.failure.error.code, caught.value.failure.id) == (code, None)


def test_brackets_without_end_are_no_json() -> None:
    with pytest.raises(NotCalls):
        parse(b"[" * 100_000, LIMITS)


def test_a_batch_has_its_limit() -> None:
    assert len(calls([CALL] * 3).calls) == 3
    with pytest.raises(Malformed) as caught:
        calls([CALL] * 4)
    assert caught.value.answer is answers.TOO_LARGE


def test_parameters_go_by_their_names() -> None:
    assert params_of(Call("2.0", "guest", {"a": 1}), LIMITS) == {"a": 1}
    assert params_of(Call("2.0", "guest", []), LIMITS) == {}


@pytest.mark.parametrize("params", ["[1]", '{"a":' + "[" * 32 + "]" * 32 + "}"])
def test_parameters_by_place_or_too_deep_are_refused(params: str) -> None:
    with pytest.raises(BadFields):
        params_of(Call("2.0", "guest", msgspec.json.decode(params)), LIMITS)


def test_answers_have_the_form_of_the_specification() -> None:
    full = error_object(Reply(answers.FULL))

    assert msgspec.to_builtins(Result(result={}, id=1)) == {"jsonrpc": "2.0", "result": {}, "id": 1}
    assert msgspec.to_builtins(failure(1, METHOD_NOT_FOUND, "x")) == {
        "jsonrpc": "2.0",
        "error": {"code": -32601, "message": "Method not found", "data": "x"},
        "id": 1,
    }
    assert msgspec.to_builtins(refusal("a", full))["error"] == {
        "code": 33,
        "message": "full",
        "data": msgspec.to_builtins(full),
    }
