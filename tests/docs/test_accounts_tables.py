"""docs/accounts.md tells the tables and numbers of the code."""

import re
from pathlib import Path

import pytest

from tests.markdown import table
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol
from turnserver.records.tables import Base
from turnserver.wire.accounts import PARSERS

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "accounts.md").read_text("utf-8")


def test_every_table_is_named() -> None:
    assert {row[0].strip("`") for row in table(DOCUMENT, "What is stored")} == set(Base.metadata.tables)


def test_every_request_is_explained_with_the_beginning_of_its_reply() -> None:
    rows = {row[0]: row[3].strip("`") for row in table(DOCUMENT, "Requests")}

    assert set(rows) == {f"{Symbol(value).name} ({value})" for value in PARSERS}
    for name, reply in rows.items():
        number = name.rpartition("(")[2].rstrip(")")
        assert "/".join(reply.split("/")[:2]) == answers.BY_PREFIX[f"0/{number}"].code


def test_the_limits_of_guessing_are_those_of_the_code() -> None:
    limits = Limits()

    assert [row[1] for row in table(DOCUMENT, "Guessing")] == [
        f"{limits.guesses_max}",
        f"{limits.name_guesses_max}",
        f"{limits.address_guesses_max}",
        f"{limits.guesses_max}",
    ]


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("account_sessions_max", "up to 20 sessions"),
        ("password_bytes_min", "has 8 to"),
        ("password_bytes_max", "to 256 bytes"),
        ("passwords_waiting_max", "When 200 passwords wait"),
        ("first_guesses_max", "the first 3 from each address"),
        ("address_accounts_max", "From one address 50 accounts"),
        ("name_resets_max", "at most three times"),
    ],
)
def test_numbers_in_the_text_are_the_defaults(setting: str, shown: str) -> None:
    words = {"three": 3}
    number = next(int(words.get(word, word)) for word in shown.split() if word in words or re.fullmatch(r"\d+", word))

    assert getattr(Limits(), setting) == number
    assert shown in " ".join(DOCUMENT.split())


def test_spans_of_time_are_the_defaults() -> None:
    limits = Limits()

    assert (limits.session_s, limits.guess_window_s, limits.reset_token_s) == (7 * 86_400, 10 * 60, 3_600)
    assert all(words in DOCUMENT for words in ("seven days (setting", "for ten minutes", "for an hour (setting"))
