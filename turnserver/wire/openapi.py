"""The OpenAPI document, made from the table of actions and the types of their fields and answers.

Source: OpenAPI Specification 3.1; docs/json.md, "OpenAPI".
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from turnserver import __version__
from turnserver.protocol import json_rpc as codes
from turnserver.wire.actions.action import Action, Fields, Who
from turnserver.wire.actions.room_answers import JOIN_PATH, Shown
from turnserver.wire.actions.rooms import Look
from turnserver.wire.actions.table import TABLE
from turnserver.wire.json_requests import FORM_TYPE, Error
from turnserver.wire.json_rpc import Call, Failure, Result

Object = Mapping[str, Any]

_REFERENCE = "#/components/schemas/{name}"
_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_TITLE = {
    "name": "title",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,32}$"},
}
_WAIT = {
    "name": "wait",
    "in": "query",
    "schema": {"type": "integer", "minimum": 0},
    "description": "Seconds to hold the answer until there is something to say.",
}
_RETRY_AFTER = {"retry-after": {"schema": {"type": "integer"}, "description": "Seconds until one may ask again."}}


def document() -> Object:
    """The whole document as plain values."""
    types: dict[type, None] = dict.fromkeys(
        (Error, Call, Result, Failure, Shown, *(a.fields for a in TABLE), *(a.answer for a in TABLE))
    )
    references, components = msgspec.json.schema_components(list(types), ref_template=_REFERENCE)
    schemas = dict(zip(types, references, strict=True))
    paths = {action.path: _path(action, schemas) for action in TABLE}
    paths[JOIN_PATH]["get"] = _look(schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "turnserver",
            "version": __version__,
            "description": "Two players, or a room of them, play together over HTTP.",
        },
        "paths": {
            **_text_paths(),
            **paths,
            "/archive/{room}": {"get": _archive(schemas)},
            "/rpc": {"post": _rpc(schemas)},
            "/openapi.json": {"get": _operation("openapi", "This document", {"application/json": {}}, schemas)},
            **_paths_of_operators(),
        },
        "components": {
            "schemas": _with_errors(components),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _with_errors(components: Object) -> Object:
    """The schemas, those of calls told which methods there are and which codes JSON-RPC has of its own."""
    call = components["Call"]
    methods = {"type": "string", "enum": [action.method for action in TABLE]}
    described = ", ".join(f"{code.number} {code.words}" for code in codes.TABLE)
    fault = components["Fault"]
    number = {"type": "integer", "description": f"{described}; else the number of an error of the protocol."}
    return {
        **components,
        "Call": {**call, "properties": {**call["properties"], "method": methods}},
        "Fault": {**fault, "properties": {**fault["properties"], "code": number}},
    }


def _text_paths() -> Object:
    """The paths of the text protocol, which has a document of its own."""
    line = _text_operation("line", "One request, a line of text")
    batch = _text_operation("batch", "Many requests, a line each")
    seconds = {"operationId": "seconds", "summary": "The seconds of the latest POST", "responses": _success(_TEXT)}
    return {
        "/": {"get": seconds, "post": line},
        "/batch": {"post": batch},
        "/{title}": {"parameters": [_TITLE], "post": {**line, "operationId": "titled-line"}},
        "/{title}/batch": {"parameters": [_TITLE], "post": {**batch, "operationId": "titled-batch"}},
    }


def _paths_of_operators() -> Object:
    """What load balancers and Prometheus ask; errors are text."""
    refused = {"401": {"description": "no server key", "content": _TEXT}}
    busy = {"503": {"description": "why not", "headers": _RETRY_AFTER, "content": _TEXT}}
    lives = {"operationId": "healthz", "summary": "Whether the process lives", "responses": _success(_TEXT)}
    ready = {"operationId": "readyz", "summary": "Whether requests are welcome", "responses": _success(_TEXT) | busy}
    figures = {
        "operationId": "metrics",
        "summary": "Figures for Prometheus",
        "description": "Who may: server key.",
        "security": [{"bearer": []}, {}],
        "responses": _success(_TEXT) | refused,
    }
    return {"/healthz": {"get": lives}, "/readyz": {"get": ready}, "/metrics": {"get": figures}}


def _text_operation(name: str, summary: str) -> Object:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [_WAIT],
        "requestBody": {"required": True, "content": _TEXT},
        "responses": {"default": {"description": "status/code/body", "content": _TEXT}},
    }


def _path(action: Action, schemas: Mapping[type, Object]) -> dict[str, Object]:
    return {method.lower(): _action(action, method, schemas) for method in action.methods}


def _action(action: Action, method: str, schemas: Mapping[type, Object]) -> Object:
    answers = {"application/json": {"schema": schemas[action.answer]}}
    operation = dict(_operation(action.method, action.summary, answers, schemas))
    operation["description"] = f"Who may: {action.who.value}."
    if "wait" in action.fields.__struct_fields__:
        operation["parameters"] = [_WAIT]
    if action.who is not Who.ANYONE:
        operation["security"] = [{"bearer": []}, {}]
    if method == "GET":
        operation["operationId"] = f"get.{action.method}"
        operation["parameters"] = list(_query(action.fields))
    elif action.fields.__struct_fields__:
        kinds = ("application/json", FORM_TYPE)
        operation["requestBody"] = {"content": {kind: {"schema": schemas[action.fields]} for kind in kinds}}
    return operation


def _query(wanted: type[Fields]) -> Iterable[Object]:
    """Fields as parameters of a query."""
    (schema,), components = msgspec.json.schema_components([wanted], ref_template=_REFERENCE)
    fields = components[schema["$ref"].rpartition("/")[2]]
    for name, one in fields["properties"].items():
        yield {"name": name, "in": "query", "required": name in fields.get("required", ()), "schema": one}


def _look(schemas: Mapping[type, Object]) -> Object:
    shown = {"application/json": {"schema": schemas[Shown]}}
    return {
        **_operation("get.join", "What a newcomer finds in a room", shown, schemas),
        "parameters": list(_query(Look)),
    }


def _archive(schemas: Mapping[type, Object]) -> Object:
    lines = {"application/jsonl": {"schema": {"type": "string"}}}
    operation = dict(_operation("archive", "The record of a room, a JSON object a line", lines, schemas))
    room = {"name": "room", "in": "path", "required": True, "schema": {"type": "string"}}
    token = {"name": "token", "in": "query", "schema": {"type": "string"}}
    return {**operation, "parameters": [room, token], "security": [{"bearer": []}, {}]}


def _rpc(schemas: Mapping[type, Object]) -> Object:
    answer = {"anyOf": [schemas[Result], schemas[Failure]]}
    answers = {"application/json": {"schema": {"anyOf": [answer, {"type": "array", "items": answer}]}}}
    calls = {"anyOf": [schemas[Call], {"type": "array", "items": schemas[Call], "minItems": 1}]}
    operation = dict(_operation("rpc", "JSON-RPC 2.0 over the same actions", answers, schemas))
    operation["responses"] = {**operation["responses"], "204": {"description": "notifications alone: no answer"}}
    operation["parameters"] = [_WAIT]
    operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": calls}}}
    return {**operation, "security": [{"bearer": []}, {}]}


def _operation(name: str, summary: str, answers: Object, schemas: Mapping[type, Object]) -> Object:
    error = {"content": {"application/json": {"schema": schemas[Error]}}}
    return {
        "operationId": name,
        "summary": summary,
        "responses": {
            **_success(answers),
            "4XX": {"description": "an error of the protocol", **error},
            "503": {"description": "the server cannot store now", "headers": _RETRY_AFTER, **error},
        },
    }


def _success(content: Object) -> dict[str, Object]:
    return {"200": {"description": "success", "content": content}}
