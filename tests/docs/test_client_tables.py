"""docs/client.md and the code tell the same numbers and names."""

import re
from pathlib import Path

from turnserver import client
from turnserver.client.texts import DATA_BYTES_MAX
from turnserver.client.timing import DEFAULT

DOCUMENT = (Path(__file__).parents[2] / "docs" / "client.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_time_out_is_listed_with_its_default() -> None:
    listed = {
        name: float(value)
        for names, values, _ in rows("Patience")
        for name, value in zip(re.findall(r"\w+", names), values.split(","), strict=True)
    }

    assert listed == {name: getattr(DEFAULT, name) for name in DEFAULT.__slots__}


def test_every_error_is_listed() -> None:
    listed = {name.strip("`") for name, _, _ in rows("Errors")}

    kinds = {name for name, kind in vars(client).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert listed == kinds - {"TurnserverError"}


def test_the_longest_text_is_told() -> None:
    assert f"at most {DATA_BYTES_MAX:,} bytes" in DOCUMENT
