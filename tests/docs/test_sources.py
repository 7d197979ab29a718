"""Where the code names its source in a document, the document has that section."""

import re
from pathlib import Path

from tests.markdown import lines

ROOT = Path(__file__).parent.parent.parent
REFERENCE = re.compile(r'(docs/[\w/.-]+\.md)(?:, ((?:(?:, | and )?"[^"]+")+))?')


def references(text: str) -> list[tuple[str, str]]:
    """Document and heading of each reference; the heading is "" where the whole document is meant."""
    found = REFERENCE.finditer(" ".join(text.split()))
    return [(match[1], heading) for match in found for heading in re.findall('"([^"]+)"', match[2] or "") or [""]]


def headings(document: str) -> set[str]:
    """The headings of a document, and "" for the document itself; nothing if it is not there."""
    if not (ROOT / document).is_file():
        return set()
    text = (ROOT / document).read_text("utf-8")
    return {line.text.lstrip("# ") for line in lines(text) if line.part == "prose" and line.text.startswith("#")} | {""}


def test_a_reference_names_a_document_and_its_sections() -> None:
    assert references('Source: docs/a.md, "One" and\n    "Two three".') == [
        ("docs/a.md", "One"),
        ("docs/a.md", "Two three"),
    ]
    assert references("as docs/a.md says") == [("docs/a.md", "")]


def test_every_source_that_the_code_names_is_there() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {document}, {heading}"
        for path in sorted((ROOT / "turnserver").rglob("*.py"))
        for document, heading in references(path.read_text("utf-8"))
        if heading not in headings(document)
    ]

    assert missing == []


def test_headings_are_told_apart_from_other_words() -> None:
    found = headings("docs/protocol.md")

    assert {"", "Counters", "The end"} <= found
    assert "Missing" not in found
    assert headings("docs/missing.md") == set()
