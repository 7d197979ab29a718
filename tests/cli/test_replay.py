"""`turnserver replay`: its exit status says whether the record gives the same game again."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from turnserver.cli import main

GAME = """
def start(setup): return len(setup.members)
def step(state, generation, commands): return state + int(commands[0] or 0)
def digest(state): return str(state)
def double(state): return str(2 * state)
number = 7
"""
RECORD = [
    {"kind": "created", "engine": "sum", "seed": ""},
    {"kind": "joined", "seat": 0, "name": "ann"},
    {"kind": "moved", "state": "running"},
    {"kind": "packet", "generation": 1, "iterations": 1, "commands": ["5"]},
    {"kind": "reported", "seat": 0, "checked": 1, "hash": "6"},
]
TEXT = "\n".join(map(json.dumps, RECORD))


@pytest.fixture(autouse=True)
def game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sum_game.py").write_text(GAME)
    (tmp_path / "record.jsonl").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])


def replay(*options: str, record: str = "record.jsonl", text: str = "") -> Result:
    return CliRunner().invoke(main, ["replay", record, *(options or ("--step", "sum_game:step"))], input=text)


def test_a_record_that_gives_the_same_hashes_ends_with_0() -> None:
    result = replay()

    assert (result.exit_code, result.output) == (0, "1 generations, 1 reported hashes: all the same\n")


def test_a_record_can_come_from_standard_input() -> None:
    assert replay(record="-", text=TEXT).exit_code == 0


def test_a_difference_ends_with_1_and_is_shown() -> None:
    result = replay("--step", "sum_game:step", "--digest", "double")

    assert result.exit_code == 1
    assert result.output == "the games differ after generation 1\n  replayed: 12\n  seat 0:   6\n"


@pytest.mark.parametrize(
    ("options", "record", "words"),
    [
        (("--step", "sum_game"), "record.jsonl", "not MODULE:FUNCTION"),
        (("--step", "no_game_of_this_name:step"), "record.jsonl", "No module named"),
        (("--step", "sum_game:number"), "record.jsonl", "has no function 'number'"),
        (("--step", "sum_game:step", "--start", "begin"), "record.jsonl", "has no function 'begin'"),
        (("--step", "sum_game:step"), "missing.jsonl", "No such file"),
        (("--step", "sum_game:step"), "sum_game.py", "line 2: not an event"),
        (("--step", "sum_game:step"), "http://127.0.0.1:1/archive/x", "refused"),
    ],
)
def test_what_cannot_be_replayed_ends_with_2_and_says_why(options: tuple[str, ...], record: str, words: str) -> None:
    result = replay(*options, record=record)

    assert result.exit_code == 2
    assert words in result.output


def test_a_record_without_hashes_has_nothing_to_compare() -> None:
    result = replay(record="-", text=TEXT.rpartition("\n")[0])

    assert result.exit_code == 2
    assert "no hash to compare" in result.output


def test_a_record_of_members_is_not_for_strangers(server: str) -> None:
    result = replay(record=f"{server}/archive/{'x' * 12}")

    assert result.exit_code == 2
    assert "404" in result.output
