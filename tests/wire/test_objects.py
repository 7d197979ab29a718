import pytest

from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.wire.objects import json_object, json_text


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("text", ["{}", '{"a":[1,2.5,null,true,"é"]}', '{"a":{"b":{}}}', nested(32)])
def test_an_object_comes_back_as_the_same_text(text: str) -> None:
    assert json_text(json_object(text, depth_max=32)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "truncated"),
        ("[]", "not a JSON object"),
        ("1", "not a JSON object"),
        ('{"a":NaN}', "malformed"),
        ('{"a":1e999}', "out of range"),
        ('{"a":"\\ud800 x and more"}', "surrogate"),
        ('{"a":"\\udc00 x"}', "surrogate"),
        ("{a:1}", "malformed"),
        (nested(33), "deeper than 32"),
        ('{"a":' + "[" * 40 + "]" * 40 + "}", "deeper than 32"),
        (nested(3000), "deeper than 32"),
        (nested(300_000), "deeper than 32"),
        ('{"a":' + "[" * 8000 + "]" * 8000 + "}", "deeper than 32"),
    ],
)
def test_anything_else_is_bad_data_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        json_object(text, depth_max=32)

    assert caught.value.answer is answers.BAD_DATA
    assert reason in caught.value.details


def test_a_reason_holds_no_character_that_items_reserve() -> None:
    with pytest.raises(Malformed) as caught:
        json_object('{"a|b;c%":NaN}', depth_max=32)

    assert not set("|;\r\n").intersection(caught.value.details)
