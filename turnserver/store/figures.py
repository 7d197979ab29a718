"""What a journal tells about itself."""

from typing import NamedTuple

from turnserver.histogram import Histogram


class JournalFigures(NamedTuple):
    """A journal as it is now."""

    transactions: int
    """Rows written since the server started: each is one transaction, of one or more commits."""
    rows: int
    """Rows in the log now."""
    entries_bytes: int
    """What these rows hold."""
    database_bytes: int
    """The length of the database file."""
    wal_bytes: int
    """The length of the file beside it that a checkpoint empties into it."""
    checkpoint_at_s: float
    """When the latest checkpoint ended, Unix seconds; 0 before the first."""
    is_failing: bool
    """True from a write that failed until it is written after all."""
    took: Histogram
    """The seconds from the beginning of a transaction until all who wait for it are let go."""
