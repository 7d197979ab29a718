"""Keeping the journal's log short: its oldest rows go, a few entries with each group that is written.

A *pass* goes over all rows that the log had when it began. Every partition that such a row speaks of, that still lives
and has no newer image, is written once more, whole; then nothing needs the row. Each group does a few bytes of that
for each byte that it adds, reading and writing together: so a pass comes to its end, and no group is ever much larger
or slower for it, however much lives.
"""

from collections.abc import Callable

import msgspec

from turnserver.store.log import Log, Row

PACE = 2
"""Bytes of work for each byte that a group adds."""

IMAGE_WORK = 3
"""Bytes of work for each byte that is written as an image; a byte that is read is one."""

WORK_LEAST = 512
"""Bytes of work that even the smallest group does."""


class _Named(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What all of the log's entries begin with; the rest is skipped, not decoded."""

    kind: int
    name: str


_names_in = msgspec.msgpack.Decoder(list[_Named]).decode

Rewrite = Callable[[str, int], int]
"""`(partition, row)`: write the image of a partition that lives and has none newer than the row; its bytes, or 0."""


class Cleaning:
    """Which rows can go.

    Args:
        log: The log; only read here.
        starts_bytes: A log shorter than this is not cleaned; nor one that has not grown by as much, or by as much as
            lives, since the latest pass.
    """

    def __init__(self, log: Log, *, starts_bytes: int) -> None:
        self._log = log
        self._starts_bytes_least = starts_bytes
        self._starts_bytes = starts_bytes
        self.log_rows = 0
        """How many rows the log has."""
        self.log_bytes = 0
        """What their entries take."""
        self._ends_row = 0
        self._cleaned_row = 0
        self._row = Row(0, 0, b"")
        self._names: list[str] = []
        self._left_bytes = 0
        self._image_bytes = 0
        self._live_bytes = 0

    def added(self, row: Row) -> None:
        """The log has one more row: with the images of the latest step, if there were any."""
        self.log_rows += 1
        self.log_bytes += len(row.entries)
        self._left_bytes += PACE * (len(row.entries) - self._image_bytes)
        self._image_bytes = 0

    def rest(self) -> None:
        """Wait until the log has grown by what lives."""
        self._ends_row = 0
        self._starts_bytes = self.log_bytes + max(self._starts_bytes_least, self._live_bytes)

    def step(self, newest_row: int, rewrite: Rewrite) -> int:
        """Do what is to be done with the next group for the pass that is going on, or is due.

        Args:
            newest_row: The newest row in the log.
            rewrite: Called for what an old row speaks of, so that it can go; the images travel with the group.

        Returns:
            The row up to which all can go with this group; 0 for none.

        Raises:
            StoreDown: The log cannot be read; the same step can be taken again.
        """
        if not self._ends_row:
            if self.log_bytes <= self._starts_bytes:
                return 0
            self._ends_row = newest_row
            self._left_bytes = self._live_bytes = 0
        self._left_bytes += WORK_LEAST
        cleaned = self._cleaned_row
        while self._left_bytes > 0 and self._cleaned_row < self._ends_row:
            self._go_on(rewrite)
        if self._cleaned_row >= self._ends_row:
            self.rest()
        return self._cleaned_row if self._cleaned_row > cleaned else 0

    def _go_on(self, rewrite: Rewrite) -> None:
        """Read the oldest row, or write some of the images that it waits for; it can go when these are written."""
        if not self._names:
            self._row = self._log.rows(after=self._cleaned_row, most=1)[0]
            self._names = [entry.name for entry in _names_in(self._row.entries)]
            self._left_bytes -= len(self._row.entries)
        while self._names and self._left_bytes > 0:
            image_bytes = rewrite(self._names.pop(), self._row.number)
            self._left_bytes -= IMAGE_WORK * image_bytes
            self._image_bytes += image_bytes
            self._live_bytes += image_bytes
        if not self._names:
            self._cleaned_row = self._row.number
            self.log_rows -= 1
            self.log_bytes -= len(self._row.entries)
