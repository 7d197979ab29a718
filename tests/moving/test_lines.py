from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.moving.lines import FORMAT, BadFile, End, Header, Partition, Reader, Record, ServerKey, Writer
from turnserver.records import schema

HEADER = Header(FORMAT, "1.2.3", schema.HEAD, 5_000, "2026-11-21T12:00:00+00:00")
LINES: list[Any] = [
    HEADER,
    ServerKey("referee", "ab" * 32),
    Record("accounts", {"id": 1, "name": "ann \N{SNOWMAN}\n", "ended_ms": None}),
    Partition("room:1", {"a": (3, "one")}, {"s": (2, [b"x", b"\x00\xff\n"])}, 60_000, ["by:1"]),
    Partition("room:2", {"n": (1, 7)}, {}, None, []),
]


def written(lines: list[Any]) -> bytes:
    """The file of these lines."""
    file = BytesIO()
    writer = Writer(file)
    for line in lines:
        writer.write(line)
    writer.end()
    return file.getvalue()


def read(folder: Path, content: bytes) -> list[Any]:
    """The lines of a file."""
    path = folder / "world.jsonl"
    path.write_bytes(content)
    return list(Reader(path, str | int).lines())


def test_what_was_written_is_read(tmp_path: Path) -> None:
    *lines, end = read(tmp_path, written(LINES))

    assert lines == LINES
    assert isinstance(end, End)
    assert (end.partitions, end.records, end.keys) == (2, 1, 1)


def test_each_line_is_an_object_that_says_what_it_is() -> None:
    lines = written(LINES).splitlines()

    assert [line.split(b'"')[3] for line in lines] == [b"header", b"key", b"record", b"partition", b"partition", b"end"]


def test_a_file_may_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "world.jsonl"
    path.write_bytes(written(LINES))
    reader = Reader(path, str | int)

    assert list(reader.lines()) == list(reader.lines())


@given(st.data())
def test_a_file_that_was_cut_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = written(LINES)
    length = data.draw(st.integers(0, len(whole) - 2))

    with pytest.raises(BadFile):
        read(tmp_path_factory.mktemp("cut"), whole[:length])


@given(st.data())
def test_a_file_that_was_changed_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(written(LINES))
    at = data.draw(st.integers(0, len(whole) - 2))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(BadFile):
        read(tmp_path_factory.mktemp("changed"), bytes(whole))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "cut off: its last line is missing"),
        (b"once upon a time\n", "line 1 of .* is none that turnserver export writes"),
        (b'{"is":"header"', "cut off in line 1"),
        (written(LINES)[:-1].rpartition(b"\n")[0] + b"\n", "its last line is missing"),
        (written(LINES[1:]), "line 1 of .* writes there"),
        (written([HEADER, HEADER]), "line 2 of .* writes there"),
        (written(LINES) + b"{}\n", "was changed on its way"),
        (written(LINES).replace(b"room:1", b"room:9"), "was changed on its way"),
        (written([Header(2, "9", "0001", 0, "")]), "has format 2; this version of turnserver reads format 1"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(BadFile, match=complaint):
        read(tmp_path, content)


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"cannot read .*: Is a directory"):
        list(Reader(tmp_path, str).lines())
