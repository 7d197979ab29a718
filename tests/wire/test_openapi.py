"""The document is complete, well formed, and says of every action what the table says."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from turnserver.wire.actions.action import Who
from turnserver.wire.actions.table import TABLE
from turnserver.wire.openapi import document

DOCUMENT = msgspec.json.decode(msgspec.json.encode(document()))
OPERATIONS = [
    (path, verb, operation)
    for path, verbs in DOCUMENT["paths"].items()
    for verb, operation in verbs.items()
    if verb != "parameters"
]


def references(value: Any) -> Iterator[str]:
    """Every reference inside."""
    if isinstance(value, dict):
        yield from (one for name, one in value.items() if name == "$ref")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from references(one)


def test_every_reference_leads_somewhere() -> None:
    names = {reference.removeprefix("#/components/schemas/") for reference in references(DOCUMENT)}

    assert names <= set(DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


def test_every_operation_has_a_name_of_its_own_and_a_summary() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]

    assert len(set(names)) == len(names)
    assert all(operation["summary"] for _, _, operation in OPERATIONS)


@pytest.mark.parametrize("action", TABLE, ids=lambda action: str(action.method))
def test_an_action_is_described_as_the_table_has_it(action: Any) -> None:
    verbs = DOCUMENT["paths"][action.path]

    of_action = {verb: one for verb, one in verbs.items() if one["summary"] == action.summary}
    assert set(of_action) == {method.lower() for method in action.methods}
    for operation in of_action.values():
        assert action.who.value in operation["description"]
        assert ("security" in operation) == (action.who is not Who.ANYONE)
        assert set(operation["responses"]) == {"200", "4XX", "503"}


@pytest.mark.parametrize(("path", "tells"), [("/create", False), ("/rooms/watch", False), ("/join", True)])
def test_only_who_joins_may_be_told_a_session(path: str, *, tells: bool) -> None:
    answer = DOCUMENT["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]

    described = DOCUMENT["components"]["schemas"][answer.rpartition("/")[2]]["properties"]
    assert ({"token", "expires_in", "username"} <= set(described)) == tells
    assert tells or not {"token", "expires_in", "username"} & set(described)


def test_the_fields_of_a_get_are_its_query() -> None:
    def parameters(path: str) -> dict[str, bool]:
        return {one["name"]: one["required"] for one in DOCUMENT["paths"][path]["get"]["parameters"]}

    assert parameters("/join") == {"game_id": True}
    assert parameters("/account/sessions") == {"token": False}


def test_methods_and_codes_of_calls_are_listed() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert schemas["Call"]["properties"]["method"]["enum"] == [action.method for action in TABLE]
    assert "-32601 Method not found" in schemas["Fault"]["properties"]["code"]["description"]
