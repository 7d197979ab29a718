"""What a log tells when a journal is opened: images and changes, in the order in which memory is to have them.

An image that is older than the log's first row is all that there was of its partition then: nothing else would have let
rows go. One that was written with a row of the log takes its place behind that row, and what earlier rows tell of its
partition is left out: the image has it.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from turnserver.store.entries import Change, Move
from turnserver.store.images import Image
from turnserver.store.log import ImageRow, Log, Row
from turnserver.store.seam import StoreDown

STEP_ROWS = 100
"""How many rows are in memory at once."""

STEP_IMAGES = 1000
"""How many images that are older than the log's first row are in memory at once."""

Numbered = tuple[int, Image[Any]]
"""An image and its number."""


class Told(NamedTuple):
    """What one row tells."""

    row: Row
    entries: list[Change[Any] | Image[Any]]
    """What happened, in order. Logs of format 2 had images here."""
    images: list[Numbered]
    """What was written with the row, and comes after it."""


class Replay:
    """All that a log holds.

    Args:
        log: The log, which nobody writes meanwhile.
        document_type: The union of all documents, for decoding.

    Raises:
        StoreDown: Here and below: the log cannot be read.
    """

    def __init__(self, log: Log, document_type: Any) -> None:
        self._log = log
        entries_type = list[Move[document_type] | Change[document_type] | Image[document_type]]
        self._entries_in: Callable[[bytes], list[Any]] = msgspec.msgpack.Decoder(entries_type).decode
        self._image_in: Callable[[bytes], Image[Any]] = msgspec.msgpack.Decoder(Image[document_type]).decode
        first = log.rows(after=0, most=1)
        self._first_row = first[0].number if first else 0
        self._rows_of: dict[str, int] = {}
        self._images_at: dict[int, list[Numbered]] = {}

    def images(self) -> Iterator[Numbered]:
        """The images that are older than all rows; all of them are to be taken before `rows`."""
        after = 0
        while images := self._log.images(after=after, most=STEP_IMAGES):
            for image in images:
                found = self._image(image)
                if image.row < self._first_row:
                    yield image.number, found
                else:
                    self._rows_of[found.name] = image.row
                    self._images_at.setdefault(image.row, []).append((image.number, found))
            after = images[-1].number

    def rows(self) -> Iterator[Told]:
        """What each row tells, oldest first."""
        after = 0
        while rows := self._log.rows(after=after, most=STEP_ROWS):
            for row in rows:
                yield Told(row, list(self._entries(row)), self._images_at.pop(row.number, []))
            after = rows[-1].number

    def _entries(self, row: Row) -> Iterator[Any]:
        for entry in self._decoded(self._entries_in, row.entries, f"row {row.number}"):
            if row.number > self._rows_of.get(entry.name, 0):
                yield entry.change if isinstance(entry, Move) else entry

    def _image(self, image: ImageRow) -> Image[Any]:
        found: Image[Any] = self._decoded(self._image_in, image.image, f"image {image.number}")
        return found

    @staticmethod
    def _decoded(decode: Callable[[bytes], Any], encoded: bytes, what: str) -> Any:
        try:
            return decode(encoded)
        except msgspec.DecodeError as error:
            raise StoreDown(f"{what} of the journal cannot be read: {error}") from error
