import json
from typing import Any

import pytest

from tests.json_client import called
from tests.json_server import KEYS, TOKENS, JsonServer
from turnserver.edge.performing import Performing
from turnserver.messages.reply import Malformed
from turnserver.store.seam import StoreDown


def ask(server: JsonServer, value: Any, bearer: str | None = None) -> Any:
    return server.call(json.dumps(value).encode(), bearer)


def test_a_call_is_answered_under_its_id() -> None:
    answered = ask(JsonServer(), called("guest", {}, "a"))

    assert answered["jsonrpc"] == "2.0"
    assert (answered["id"], answered["result"]["token"]) == ("a", TOKENS[0])


def test_calls_of_a_batch_are_carried_out_in_order_and_notifications_are_not_answered() -> None:
    server = JsonServer()
    quiet = {"jsonrpc": "2.0", "method": "play.register", "params": {"name": "bob"}}

    answered = ask(server, [called("play.register", {"name": "ann"}), quiet, called("guest", {}, 2), 7])

    assert [one["id"] for one in answered] == [1, 2, None]
    assert answered[0]["result"] == {"key": KEYS[0]}
    assert server.say(f"1,*,{KEYS[1]},*,*") == "0/1/*"


@pytest.mark.parametrize("method", ["guest", "nothing", "create"])
def test_notifications_alone_are_not_answered(method: str) -> None:
    quiet = {"jsonrpc": "2.0", "method": method}

    assert ask(JsonServer(), quiet) is None
    assert ask(JsonServer(), [quiet, quiet]) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (called("nothing", {}), -32601),
        (called("create", {"engine": 7}), -32602),
        (called("guest", {"a": 1}), -32602),
        (called("guest", [1]), -32602),
        (called("play.register", {"name": "*"}), 6),
        (called("play.pair", {"key": "KEY"}), 5),
        (called("create", {"engine": "e", "seed": "s", "players": [1, 1]}), 30),
        ({"method": "guest"}, -32600),
    ],
)
def test_what_is_wrong_has_its_code(value: Any, code: int) -> None:
    assert ask(JsonServer(), value)["error"]["code"] == code


def test_a_bearer_serves_the_calls_that_bring_no_secret_of_their_own() -> None:
    server = JsonServer()
    ask(server, [called("guest", {}), called("guest", {})])

    people = ask(
        server, [called("chat.poll", {}), called("chat.poll", {"token": TOKENS[1]}), called("chat.who", {})], TOKENS[0]
    )

    assert len(people[2]["result"]["names"]) == 2


def test_a_mistake_of_our_own_is_an_internal_error_and_a_store_that_is_down_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def mistaken(*_: Any, **__: Any) -> None:
        raise KeyError

    async def down(*_: Any, **__: Any) -> None:
        raise StoreDown

    monkeypatch.setattr(Performing, "perform", mistaken)
    assert ask(JsonServer(), called("guest", {}))["error"]["code"] == -32603
    monkeypatch.setattr(Performing, "perform", down)
    with pytest.raises(StoreDown):
        ask(JsonServer(), called("guest", {}))


def test_a_batch_has_its_limit() -> None:
    with pytest.raises(Malformed):
        ask(JsonServer(), [called("guest", {})] * 101)
