"""docs/deploy.md and the code tell of the same file."""

import re
from pathlib import Path

import msgspec

from tests.markdown import table
from turnserver.moving import lines

DOCUMENT = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text("utf-8")


def test_every_kind_of_line_is_listed_with_its_fields() -> None:
    kinds = (lines.Header, lines.ServerKey, lines.Record, lines.Partition, lines.End)

    listed = {row[0].strip("`"): re.findall(r"`(\w+)`(?=[:,;] )", f"{row[2]}: ") for row in table(DOCUMENT, "The file")}
    assert listed == {
        str(kind.__struct_config__.tag): [field.name for field in msgspec.structs.fields(kind)] for kind in kinds
    }


def test_the_format_is_the_one_that_is_written() -> None:
    assert f"`format`: {lines.FORMAT};" in DOCUMENT
