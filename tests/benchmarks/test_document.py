"""The tables that a run puts into a document."""

from pathlib import Path

import pytest

from benchmarks import document

FIGURES = {
    "relay": {"unit": "a relative to b", "b": {"ratio": 1.0, "per_s": 1234}, "a": {"ratio": 0.456, "per_s": 99}},
    "waiting polls": {"10 polls": {"MB": 52.5, "p99, ms": 1.25}, "wanted": "less"},
    "memory": {"idle server, MB": 51.8},
}


def test_what_stands_between_the_marks_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n{document.BEGIN}\nold\n{document.END}\nafter\n")
    document.update(page, FIGURES)
    text = page.read_text()

    assert text.startswith(f"# Before\n{document.BEGIN}\n")
    assert text.endswith(f"{document.END}\nafter\n")
    assert "old" not in text
    assert "### Relay\n\nThe ratio is a relative to b.\n\n| | ratio | per second |\n|---|---|---|\n" in text
    assert "| b | 1.00 | 1,234 |\n| a | 0.46 | 99 |\n" in text
    assert "| | MB | p99, ms |\n|---|---|---|\n| 10 polls | 52.5 | 1.25 |\n| wanted | less |\n" in text
    assert "### Memory\n\n| | |\n|---|---|\n| idle server, MB | 51.8 |\n" in text


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Nothing\n")
    with pytest.raises(ValueError, match="figures: begin"):
        document.update(page, FIGURES)

    assert page.read_text() == "# Nothing\n"
