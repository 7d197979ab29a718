"""The file that `turnserver export` writes: JSON, one object a line; what each is, `is` says.

The first line is the header, the last one counts what stands between and has the SHA-256 of all lines before it. So a
file that was cut, or changed on its way, is known before anything of it is used.

Source: docs/deploy.md, "The file"
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import msgspec
from msgspec import Struct

FORMAT = 1
"""The version of the format; a file of another is refused."""

Value = TypeVar("Value")


class Header(Struct, frozen=True, tag_field="is", tag="header"):
    """What the file is of."""

    format: int
    turnserver: str
    """The version that wrote it."""
    records: str
    """The version of the records' tables."""
    now_ms: int
    """The store's clock."""
    time: str
    """The time of day, for people."""


class Partition(Struct, Generic[Value], frozen=True, tag_field="is", tag="partition"):
    """A partition that lives."""

    name: str
    documents: Mapping[str, tuple[int, Value]]
    """Each with its version."""
    streams: Mapping[str, tuple[int, Sequence[bytes]]]
    """The offset of the first item that is kept, and the items, in base64."""
    ttl_ms: int | None
    aliases: Sequence[str]


class Record(Struct, frozen=True, tag_field="is", tag="record"):
    """A row of the records: its values by column."""

    table: str
    row: Mapping[str, str | int | None]


class ServerKey(Struct, frozen=True, tag_field="is", tag="key"):
    """A server key: its name, and the SHA-256 of the key."""

    name: str
    digest: str


class End(Struct, frozen=True, tag_field="is", tag="end"):
    """How many lines of each kind there are, and the SHA-256 of all lines before this one."""

    partitions: int
    records: int
    keys: int
    sha256: str


class BadFile(Exception):
    """The file is not what was exported; the message says why."""


_encode = msgspec.json.Encoder().encode


class _Tally:
    """What the last line says of all before it."""

    def __init__(self) -> None:
        self._digest = sha256()
        self._counts = dict.fromkeys(("partition", "record", "key"), 0)

    def add(self, line: Struct, text: bytes) -> None:
        """Count a line."""
        self._digest.update(text)
        kind = line.__struct_config__.tag
        if kind in self._counts:
            self._counts[str(kind)] += 1

    def end(self) -> End:
        """The last line."""
        counts = self._counts
        return End(counts["partition"], counts["record"], counts["key"], self._digest.hexdigest())


class Writer:
    """Writes the lines of one file.

    Args:
        file: Open for writing; stays open.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._tally = _Tally()

    def write(self, line: Struct) -> None:
        """Write one line."""
        text = _encode(line) + b"\n"
        self._tally.add(line, text)
        self._file.write(text)

    def end(self) -> End:
        """Write the last line, without which the file is nothing; what it says."""
        end = self._tally.end()
        self._file.write(_encode(end) + b"\n")
        return end


class Reader:
    """Reads a file, as often as it has to be read.

    Args:
        path: Where it is.
        document_type: The union of all documents.
    """

    def __init__(self, path: Path, document_type: Any) -> None:
        self._path = path
        lines: Any = Header | Partition[document_type] | Record | ServerKey | End
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(lines).decode

    def lines(self) -> Iterator[Any]:
        """All lines, in order.

        Raises:
            BadFile: A line cannot be read, or the file is not whole.
        """
        tally = _Tally()
        try:
            with self._path.open("rb") as file:
                for number, text in enumerate(file, start=1):
                    line = self._line(number, text)
                    if isinstance(line, End):
                        if line != tally.end() or file.read(1):
                            raise BadFile(f"{self._path} is not as it was exported: it was changed on its way")
                        yield line
                        return
                    tally.add(line, text)
                    yield line
        except OSError as error:
            raise BadFile(f"cannot read {self._path}: {error.strerror}") from error
        raise BadFile(f"{self._path} is cut off: its last line is missing; export again, or copy it again")

    def _line(self, number: int, text: bytes) -> Any:
        try:
            line = self._decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if not text.endswith(b"\n"):
                raise BadFile(f"{self._path} is cut off in line {number}; export again, or copy it again") from error
            raise BadFile(f"line {number} of {self._path} is none that turnserver export writes: {error}") from error
        if (number == 1) != isinstance(line, Header):
            raise BadFile(f"line {number} of {self._path} is none that turnserver export writes there")
        if isinstance(line, Header) and line.format != FORMAT:
            raise BadFile(f"{self._path} has format {line.format}; this version of turnserver reads format {FORMAT}")
        return line
