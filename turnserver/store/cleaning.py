"""Keeping the journal's log short: its oldest rows go, a few entries with each group that is written.

A *pass* goes over all rows that the log had when it began. Every partition that such a row speaks of, that still lives
and has no newer image, is written once more, whole; then nothing needs the row. Each group looks at a few old entries
for each one that it adds: so a pass comes to its end, and no group is ever much larger for it, however much lives.
"""

from typing import NamedTuple

import msgspec

from turnserver.store.log import Log, Row

PACE = 2
"""Old entries that a group looks at for each that it adds: the log grows by half during a pass."""

ENTRIES_LEAST = 4
"""Old entries that even the smallest group looks at."""


class _Named(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What all of the log's entries begin with; the rest is skipped, not decoded."""

    kind: int
    name: str


_names_in = msgspec.msgpack.Decoder(list[_Named]).decode


class Old(NamedTuple):
    """What a group has to do for the pass."""

    entries: list[tuple[str, int]]
    """Partitions that old rows speak of, each with the row: one with no newer image needs one in this group."""
    upto: int
    """The row up to which all can go with this group; 0 for none."""


NOTHING = Old([], 0)


class Cleaning:
    """Which rows can go.

    Args:
        log: The log; only read here.
        starts_bytes: A log shorter than this is not cleaned; a longer one whenever it has doubled since.
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

    def added(self, row: Row) -> None:
        """The log has one more row."""
        self.log_rows += 1
        self.log_bytes += len(row.entries)

    def rest(self) -> None:
        """Wait until the log has doubled."""
        self._ends_row = 0
        self._starts_bytes = max(self._starts_bytes_least, 2 * self.log_bytes)

    def step(self, newest_row: int, *, adds: int) -> Old:
        """What the next group does for the pass that is going on, or is due.

        Args:
            newest_row: The newest row in the log.
            adds: How many entries the group has of its own.

        Raises:
            StoreDown: The log cannot be read; the same step can be taken again.
        """
        if not self._ends_row:
            if self.log_bytes <= self._starts_bytes:
                return NOTHING
            self._ends_row = newest_row
        entries: list[tuple[str, int]] = []
        left = PACE * adds + ENTRIES_LEAST
        while left > len(entries) and self._cleaned_row < self._ends_row:
            entries += self._look_at(left - len(entries))
        if self._cleaned_row >= self._ends_row:
            self.rest()
        return Old(entries, self._cleaned_row)

    def _look_at(self, most: int) -> list[tuple[str, int]]:
        """The next entries of the oldest row; it can go when all were looked at."""
        if not self._names:
            self._row = self._log.rows(after=self._cleaned_row, most=1)[0]
            self._names = [entry.name for entry in _names_in(self._row.entries)]
        looked_at, self._names = self._names[:most], self._names[most:]
        if not self._names:
            self._cleaned_row = self._row.number
            self.log_rows -= 1
            self.log_bytes -= len(self._row.entries)
        return [(name, self._row.number) for name in looked_at]
