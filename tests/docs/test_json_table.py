"""docs/json.md shows the table of actions and the numbers of the code."""

import re
from pathlib import Path

import pytest
from msgspec import UNSET
from msgspec.structs import FieldInfo, fields

from tests.markdown import table
from turnserver.protocol import json_rpc
from turnserver.protocol.limits import Limits
from turnserver.wire.actions.action import Action
from turnserver.wire.actions.table import TABLE

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "json.md").read_text("utf-8")


def row(action: Action) -> list[str]:
    """The cells of an action's row."""
    verbs = " (GET)" if "GET" in action.methods else ""
    wanted = sorted(fields(action.fields), key=lambda field: not field.required)
    told = fields(action.answer)
    return [
        f"`{action.path}`{verbs}",
        ", ".join(f"{symbol.value} {symbol.name}" for symbol in (action.symbol, *action.also)),
        action.who.value,
        ", ".join(map(_name, wanted)) or "none",
        ", ".join(f"`{field.encode_name}?`" if field.default is UNSET else f"`{field.encode_name}`" for field in told),
    ]


def _name(field: FieldInfo) -> str:
    return f"`{field.encode_name}`" if field.required else f"`{field.encode_name}?`"


def test_the_actions_are_those_of_the_code() -> None:
    assert table(DOCUMENT, "Actions") == [row(action) for action in TABLE]


def test_every_code_of_json_rpc_is_named() -> None:
    assert {int(number) for number in re.findall(r"-32\d{3}", DOCUMENT)} == {code.number for code in json_rpc.TABLE}


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("body_bytes_max", "at most 16,384 bytes"),
        ("room_config_depth_max", "at most 32 deep"),
        ("batch_lines_max", "up to 100 calls"),
    ],
)
def test_numbers_in_the_text_are_the_defaults(setting: str, shown: str) -> None:
    assert f"{getattr(Limits(), setting):,}" in re.findall(r"[\d,]+", shown)
    assert shown in " ".join(DOCUMENT.split())
