"""docs/accounts.md tells the tables of the code."""

from pathlib import Path

from tests.markdown import table
from turnserver.records.tables import Base

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "accounts.md").read_text("utf-8")


def test_every_table_is_named() -> None:
    assert {row[0].strip("`") for row in table(DOCUMENT, "What is stored")} == set(Base.metadata.tables)
