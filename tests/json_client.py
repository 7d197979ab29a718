"""A client of the JSON faces that holds every answer against the OpenAPI document of the server that gave it."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from jsonschema import Draft202012Validator

PATIENCE_S = 30


class Answered(NamedTuple):
    """Status and body of an answer; None where there is none."""

    status: int
    body: Any


class JsonClient:
    """Posts fields and gets objects.

    Args:
        port: Where a server listens on this machine.
    """

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection("127.0.0.1", port, PATIENCE_S)
        self.document = self._sent("GET", "/openapi.json", b"", {})[1].body
        self.used: set[tuple[str, str]] = set()
        """Paths and methods that answered with success."""

    def post(self, path: str, fields: Any = None, bearer: str | None = None, **more: Any) -> Answered:
        """The answer to a POST of JSON."""
        value = {**(fields or {}), **more} if more or fields is None else fields
        return self.ask("POST", path, json.dumps(value).encode(), bearer=bearer)

    def get(self, path: str, bearer: str | None = None, **query: str) -> Answered:
        """The answer to a GET."""
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path, b"", bearer=bearer)

    def done(self, path: str, fields: Any = None, bearer: str | None = None, **more: Any) -> Any:
        """The object of a POST that succeeds."""
        answered = self.post(path, fields, bearer, **more)
        assert answered.status == 200, (path, answered)
        return answered.body

    def call(self, method: str, bearer: str | None = None, **params: Any) -> Any:
        """The result of a call that succeeds."""
        answered = self.ask("POST", "/rpc", json.dumps(called(method, params)).encode(), bearer=bearer)
        assert set(answered.body) == {"jsonrpc", "result", "id"}, answered
        return answered.body["result"]

    def ask(self, verb: str, path: str, body: bytes, *, bearer: str | None = None, kind: str = "") -> Answered:
        """The answer to any request; it is as the document says."""
        headers = {} if bearer is None else {"authorization": f"Bearer {bearer}"}
        if kind:
            headers["content-type"] = kind
        content_type, answered = self._sent(verb, path, body, headers)
        route = path.partition("?")[0]
        check(self.document, route, verb, answered, content_type)
        if answered.status < 300:
            self.used.add((route, verb))
        return answered

    def _sent(self, verb: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[str, Answered]:
        self._http.request(verb, path, body if verb == "POST" else None, dict(headers))
        response = self._http.getresponse()
        raw, content_type = response.read(), response.headers.get("content-type", "")
        if content_type != "application/json":
            return content_type, Answered(response.status, raw.decode() or None)
        return content_type, Answered(response.status, json.loads(raw))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()


def called(method: str, params: Any, call_id: Any = 1) -> dict[str, Any]:
    """A call of JSON-RPC."""
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": call_id}


def check(document: Mapping[str, Any], path: str, verb: str, answered: Answered, content_type: str) -> None:
    """Hold an answer against the document: its status, its type and its body."""
    responses = document["paths"][_described(path)][verb.lower()]["responses"]
    status = f"{answered.status}"
    described = responses.get(status) or responses[f"{status[0]}XX"]
    contents = described.get("content", {})
    assert content_type in (contents or {""}), (path, answered)
    if content_type == "application/json":
        validate(document, contents[content_type].get("schema", {}), answered.body)


def validate(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> None:
    """Hold a value against a schema of the document."""
    Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def _described(path: str) -> str:
    return "/archive/{room}" if path.startswith("/archive/") else path


def form(fields: Mapping[str, Any]) -> bytes:
    """Fields as a form: text as it is, everything else as JSON."""
    return urlencode({name: one if isinstance(one, str) else json.dumps(one) for name, one in fields.items()}).encode()
