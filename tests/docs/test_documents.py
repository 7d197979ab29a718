"""Every command and every block of code in the documents does what it shows."""

from pathlib import Path

import pytest

from tests.docs.transcript import Reader, reason_not_to_run
from tests.markdown import blocks
from tests.server_process import ServerProcess

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_block_of_a_document_does_what_it_shows(document: Path, tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "server") as server:
        differences = list(Reader(tmp_path / "reader", server.address).differences(document.read_text("utf-8")))

    assert differences == []


def test_every_block_that_is_not_run_has_a_reason() -> None:
    reasons = [
        (document.name, block.line, reason)
        for document in DOCUMENTS
        for block in blocks(document.read_text("utf-8"))
        if (reason := reason_not_to_run(block)) is not None
    ]

    assert [where for where in reasons if len(where[2].split()) < 3] == []


def test_every_comment_about_a_block_stands_directly_above_it() -> None:
    marked = sum(document.read_text("utf-8").count("<!-- not run:") for document in DOCUMENTS)
    heeded = [
        block for document in DOCUMENTS for block in blocks(document.read_text("utf-8")) if reason_not_to_run(block)
    ]

    assert len(heeded) == marked
