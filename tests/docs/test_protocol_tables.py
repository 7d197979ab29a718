"""The tables of docs/protocol.md are the tables of the code, word for word."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.markdown import table
from turnserver.protocol import answers, symbols
from turnserver.protocol.answers import RESERVED_NUMBERS, Answer
from turnserver.protocol.limits import Limits
from turnserver.wire import percent
from turnserver.wire.paths import RESERVED

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "protocol.md").read_text("utf-8")
NAMES_OF_CHARACTERS = {"CR": "\r", "LF": "\n"}


def answer_row(answer: Answer) -> list[str]:
    return [f"`{answer.code}`", str(answer.http), "yes" if answer.retry else "no", answer.words]


def section(heading: str) -> str:
    return DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_the_symbols_are_those_of_the_code() -> None:
    rows = [[f"`{row.symbol.value}`", row.symbol.name, *row[1:]] for row in symbols.TABLE]

    assert table(DOCUMENT, "Symbols") == rows


@pytest.mark.parametrize(("heading", "is_error"), [("Replies", False), ("Errors", True)])
def test_the_answers_are_those_of_the_code(heading: str, *, is_error: bool) -> None:
    rows = [answer_row(answer) for answer in answers.TABLE if answer.is_error == is_error]

    assert table(DOCUMENT, heading) == rows


def test_the_reserved_numbers_are_those_of_the_code() -> None:
    *most, last = RESERVED_NUMBERS

    assert f"{', '.join(map(str, most))} and {last} are reserved" in DOCUMENT


def test_the_limits_are_those_of_the_code() -> None:
    rows = [[f"`{limit.name}`", str(limit.default), limit.metadata["reason"]] for limit in fields(Limits) if limit.init]

    assert table(DOCUMENT, "Limits") == rows


def test_the_names_that_are_no_titles_are_those_of_the_code() -> None:
    names = section("Titles").split("These names are no titles")[1]

    assert re.findall(r"`([^`]+)`", names) == sorted(RESERVED)


def test_the_encoded_characters_are_those_of_the_code() -> None:
    rows = [[cell.strip("`") for cell in row] for row in table(DOCUMENT, "Items")]

    assert {name: percent.encode(NAMES_OF_CHARACTERS.get(name, name)) for name, _ in rows} == dict(rows)
    assert sum(percent.encode(chr(code)) != chr(code) for code in range(0xD800)) == len(rows)


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("body_bytes_max", "at most 16,384 bytes"),
        ("name_bytes_max", "1 to 64 bytes"),
        ("registration_silence_s", "dies 25 s after"),
        ("registration_silence_long_s", "180 s after"),
        ("loading_silence_s", "silent for 30 s"),
        ("play_silence_s", "sent nothing for 30 s"),
        ("buffer_bytes_max", "At most 131,072 bytes"),
        ("wait_s_max", "the longest hold is 25 s"),
        ("batch_lines_max", "up to 100 requests"),
        ("pool_waiting_max", "(1,000 entries)"),
    ],
)
def test_numbers_in_the_text_are_the_defaults(setting: str, shown: str) -> None:
    assert f"{getattr(Limits(), setting):,}" in re.findall(r"[\d,]+", shown)
    assert shown in " ".join(DOCUMENT.split())
