"""Keeping the journal's log short: what old rows tell of a partition is told by an image of it, and the rows go.

The log is cut into *segments* of some rows. A partition is *dirty* from a change that its image lacks until its next
image; it stands in the segment that has the oldest such change, and only there. When nobody stands in the oldest
segment any more, nothing needs its rows. So what has not changed is never written again, however much lives.

While the log is longer than it should be, each group that is written empties a bit of the oldest segment, in proportion
to what it adds itself: so no group is ever much slower for it, and the log has an end. It may be the longer the more
there is that changes again and again: the longer it is, the seldomer an image is written anew.
"""

from collections import deque
from collections.abc import Callable

import msgspec

from turnserver.store.images import as_written
from turnserver.store.log import NOTHING_CLEANED, Cleaned, ImageRow
from turnserver.store.memory import Partition

SEGMENTS = 128
"""Into how many segments the shortest log is cut that is cleaned: the rows of one go at once."""

LOG_BYTES_PER_REWRITTEN_BYTE = 8
"""How long the log may be for images that are to be written anew: about an eighth of what it tells, or less."""

PACE = 2
"""Bytes of work for each byte that a group adds."""

WORK_LEAST = 512
"""Bytes of work that even the smallest group does."""

WORK_PER_IMAGE = 64
"""Bytes of work that an image is beside its own."""

REWRITING_WORK = 4
"""Bytes of work for a byte of an image that is written anew: that can wait, and is done little by little."""

ROW_BYTES_PER_WORK = 2
"""Bytes of rows that go for a byte of work."""

SIZES_REMEMBERED = 64
"""About so many of the latest images that were written anew say how large one is."""


class _Segment:
    """Some rows of the log, and whose oldest unwritten change is in one of them, in order of these changes."""

    __slots__ = ("dirty", "entries_bytes", "newest_row", "rows")

    def __init__(self) -> None:
        self.newest_row = 0
        self.rows = 0
        self.entries_bytes = 0
        self.dirty: deque[Partition] = deque()


class Cleaning:
    """Which rows can go, and what is written so that they can.

    Args:
        lives: Whether a partition has not ended.
        log_bytes_least: A log shorter than this is not cleaned.
    """

    def __init__(self, lives: Callable[[Partition], bool], *, log_bytes_least: int) -> None:
        self._lives = lives
        self._log_bytes_least = log_bytes_least
        self._segment_bytes = log_bytes_least // SEGMENTS
        self._newest = _Segment()
        self._segments = deque([self._newest])
        self._encode = msgspec.msgpack.Encoder().encode
        self._newest_image = 0
        self._rewrites = 0
        self._rewritten_bytes = 0.0
        self._left_bytes = 0
        self.log_rows = 0
        """How many rows the log has."""
        self.log_bytes = 0
        """What their entries take."""

    def found(self, partition: Partition, number: int) -> None:
        """The log has an image of the partition, which lacks nothing."""
        partition.image = number
        self._newest_image = max(self._newest_image, number)

    def mark(self, partition: Partition) -> None:
        """The partition changes, as the next row will tell."""
        if not partition.is_dirty:
            partition.is_dirty = True
            self._newest.dirty.append(partition)
            self._rewrites += partition.image > 0

    def end(self, partition: Partition) -> None:
        """The partition ends, as the next row will tell."""
        self.mark(partition)
        self._rewrites -= partition.image > 0

    def added(self, number: int, entries_bytes: int) -> None:
        """The log has one more row; what it tells was marked before."""
        newest = self._newest
        newest.newest_row = number
        newest.rows += 1
        newest.entries_bytes += entries_bytes
        self.log_rows += 1
        self.log_bytes += entries_bytes
        self._left_bytes += PACE * entries_bytes
        if newest.entries_bytes >= self._segment_bytes:
            self._newest = _Segment()
            self._segments.append(self._newest)

    @property
    def log_bytes_max(self) -> float:
        """How long the log may be without being cleaned."""
        return max(self._log_bytes_least, LOG_BYTES_PER_REWRITTEN_BYTE * self._rewrites * self._rewritten_bytes)

    def _is_long(self) -> bool:
        return self.log_bytes > self.log_bytes_max and self._segments[0] is not self._newest

    def step(self, row: int) -> Cleaned:
        """What is to be written with a row that is about to be added, beside the row."""
        if not self._is_long():
            self._left_bytes = 0
            return NOTHING_CLEANED
        self._left_bytes += WORK_LEAST
        images: list[ImageRow] = []
        gone: list[int] = []
        upto = 0
        while self._left_bytes > 0 and self._is_long():
            oldest = self._segments[0]
            if oldest.dirty:  # in order: what has ended before what was begun again under its name
                self._clean(oldest.dirty.popleft(), row, images, gone)
            else:
                upto = oldest.newest_row
                self._forget(self._segments.popleft())
        return Cleaned(images, gone, upto) if images or gone or upto else NOTHING_CLEANED

    def _clean(self, partition: Partition, row: int, images: list[ImageRow], gone: list[int]) -> None:
        partition.is_dirty = False
        self._left_bytes -= WORK_PER_IMAGE
        if self._lives(partition):
            images.append(self._image(partition, row))
        elif partition.image:
            gone.append(partition.image)

    def _image(self, partition: Partition, row: int) -> ImageRow:
        image = self._encode(as_written(partition))
        if partition.image:
            self._left_bytes -= REWRITING_WORK * len(image)
            self._rewrites -= 1
            self._rewritten_bytes += (len(image) - self._rewritten_bytes) / SIZES_REMEMBERED
        else:
            self._left_bytes -= len(image)
            self._newest_image += 1
            partition.image = self._newest_image
        return ImageRow(partition.image, row, image)

    def _forget(self, segment: _Segment) -> None:
        self.log_rows -= segment.rows
        self.log_bytes -= segment.entries_bytes
        self._left_bytes -= segment.entries_bytes // ROW_BYTES_PER_WORK
