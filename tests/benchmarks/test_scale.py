"""What a million players cost follows from what was measured, and is what the document shows."""

import json
import re
import sys
from pathlib import Path

import pytest

from benchmarks import document, scale

DOCUMENT = (Path(__file__).parents[2] / "docs" / "scale.md").read_text("utf-8")
COST = {"process, us": 100, "Redis, us": 30, "operations": 1, "bytes to Redis": 300, "bytes from Redis": 100}
MATCH = {"process, us": 6_000, "Redis, us": 600, "operations": 120, "bytes to Redis": 1, "bytes from Redis": 1}
FIGURES = {
    "measured on": {"revision": "abc"},
    "costs": {
        **{f"{game.kind}, {where}": COST for game in scale.GAMES for where in ("embedded", "over Redis")},
        "match begun, over Redis": MATCH,
        "bytes of a match in Redis": 2_000,
    },
    "waiting polls": {"10 polls": {"MB": 50.0}, "1010 polls": {"MB": 60.0}, "wanted": "less"},
    "bytes of an empty poll": {"together": 113},
}


def test_costs_are_added_up() -> None:
    second = next(game for game in scale.GAMES if game.requests_per_s == 1)

    found = scale.million(FIGURES, second)

    assert found["requests/s"] == 1_000_000
    assert found["matches begun/s"] == 830
    assert found["operations of the store/s"] == 1_100_000  # a million, and 833 times 120
    assert found["processes, a core each"] == 175  # 100 s of updates and 5 s of beginnings in each second, at 60 %
    assert found["shards of Redis, a core each"] == 51
    assert found["to and from Redis, Mbit/s"] == 3_200
    assert found["memory of Redis, GB"] == 1.0
    assert found["memory of held polls in each, MB"] == 57


def test_one_process_carries_what_its_core_does() -> None:
    assert [scale.carried(FIGURES, game) for game in scale.GAMES] == [60_000, 6_000, 1_200]


def test_a_held_poll_takes_what_many_add_to_few() -> None:
    assert scale.held_poll_bytes(FIGURES) == 10_000


def test_the_tables_go_into_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "page.md"
    figures.write_text(json.dumps(FIGURES))
    page.write_text(f"before\n{document.BEGIN}\n{document.END}\nafter\n")
    monkeypatch.setattr(sys, "argv", ["scale", str(figures), "--document", str(page)])

    scale.main()

    assert "### A million players\n" in page.read_text()
    assert "| requests/s | 100,000 | 1,000,000 | 5,000,000 |" in page.read_text()


def test_figures_that_are_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"
    figures.write_text(json.dumps({name: part for name, part in FIGURES.items() if name != "waiting polls"}))
    monkeypatch.setattr(sys, "argv", ["scale", str(figures)])

    with pytest.raises(SystemExit):
        scale.main()

    assert "has no 'waiting polls'" in capsys.readouterr().err


def test_the_document_has_a_table_for_each_part() -> None:
    parts = [name.capitalize() for name in scale.tables(FIGURES)]

    assert re.findall(r"^### (.*)$", DOCUMENT, re.MULTILINE) == parts


def test_the_document_says_what_is_assumed() -> None:
    assert f"more than {scale.BUSY:.0%}".replace("%", " %") in DOCUMENT
    assert scale.GAME_S == 600
    assert "each of ten minutes" in DOCUMENT
