"""Decision records: numbered without gaps, listed, and in the form of the template."""

import re
from pathlib import Path

import pytest

from tests.markdown import table

FOLDER = Path(__file__).parent.parent.parent / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
SECTIONS = re.findall(r"^## .*$", (FOLDER / "template.md").read_text("utf-8"), re.MULTILINE)


def test_records_are_numbered_without_gaps() -> None:
    assert [record.name[:5] for record in RECORDS] == [f"{number:04}-" for number in range(1, len(RECORDS) + 1)]


def test_every_record_is_listed_with_its_title() -> None:
    titles = [record.read_text("utf-8").splitlines()[0].removeprefix("# ").split(": ", 1) for record in RECORDS]
    rows = [[f"[{number}]({record.name})", title] for record, (number, title) in zip(RECORDS, titles, strict=True)]

    assert table((FOLDER / "README.md").read_text("utf-8"), "Decisions") == rows


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: str(record.stem))
def test_every_record_has_a_date_a_status_and_the_sections_of_the_template(record: Path) -> None:
    text = record.read_text("utf-8")

    assert re.search(
        rf"^# {record.name[:4]}: .+\n\n\* Date: \d{{4}}-\d\d-\d\d\n\* Status: (accepted|replaced by)", text
    )
    assert re.findall(r"^## .*$", text, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: str(record.stem))
def test_a_record_is_a_page(record: Path) -> None:
    assert len(record.read_text("utf-8").splitlines()) <= 80


def test_a_link_that_is_called_by_a_number_leads_to_that_record() -> None:
    documents = sorted((*FOLDER.parent.rglob("*.md"), *FOLDER.parent.parent.glob("*.md")))
    links = [
        (document.name, *link)
        for document in documents
        for link in re.findall(r"\[(\d{4})\]\((?:[\w./]*/)?(\d{4})-[\w-]+\.md", document.read_text("utf-8"))
    ]

    assert len(links) > len(RECORDS)
    assert [link for link in links if link[1] != link[2]] == []
