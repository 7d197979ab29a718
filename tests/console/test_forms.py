import asyncio
from collections.abc import Mapping

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from turnserver.console import forms
from turnserver.console.forms import BYTES_MAX, FIELDS_MAX, form_of, seconds, text, text_twice
from turnserver.messages.reply import Refused
from turnserver.protocol import answers


def read(*parts: bytes, ends: bool = True) -> Mapping[str, str]:
    """The fields of a form that comes in parts; without an end, nothing comes after them."""
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if ends:
        messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    return asyncio.run(form_of(Request({"type": "http", "method": "POST", "headers": []}, receive)))


def test_a_form_is_its_fields() -> None:
    assert read(b"name=%3Cb%3E&na", b"me=a+b&empty=&c=%C3%A9") == {"name": "a b", "empty": "", "c": "é"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"a" * (BYTES_MAX + 1), 413),
        (b"&".join(b"a=b" for _ in range(FIELDS_MAX + 1)), 400),
        (b"a=%FF", 400),
        ("a=é".encode(), 400),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(HTTPException) as error:
        read(body)

    assert error.value.status_code == status


def test_a_form_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "SECONDS_MAX", 0)

    with pytest.raises(HTTPException) as error:
        read(b"a=b", ends=False)

    assert error.value.status_code == 408


def test_text_is_what_was_typed_without_spaces_around_it() -> None:
    assert text({"a": " b\0 c "}, "a") == "b c"
    assert text({}, "a") == ""


def test_what_cannot_be_undone_is_typed_twice() -> None:
    assert text_twice({"name": "ann ", "again": " ann"}, "name") == "ann"
    for again in ({}, {"again": "Ann"}):
        with pytest.raises(Refused) as refused:
            text_twice({"name": "ann", **again}, "name")
        assert refused.value.answer is answers.BAD_DATA


@pytest.mark.parametrize(
    ("count", "unit", "found"),
    [("", "", None), ("", "days", None), ("2", "minutes", 120), ("3", "hours", 10_800), ("1", "days", 86_400)],
)
def test_how_long_is_a_number_and_a_unit(count: str, unit: str, found: int | None) -> None:
    assert seconds({"count": count, "unit": unit}) == found


@pytest.mark.parametrize(
    ("count", "unit"), [("1", ""), ("1", "years"), ("-1", "days"), ("٣", "days"), ("9" * 10, "days")]
)
def test_other_times_are_refused(count: str, unit: str) -> None:
    with pytest.raises(Refused) as refused:
        seconds({"count": count, "unit": unit})

    assert refused.value.answer is answers.BAD_DATA
