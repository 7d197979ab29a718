"""How many commits a group waits for.

A group costs the disk a page or two, however small it is, and a checkpoint has to move every page again. So groups that
follow close on each other wait for company: a moment at most, and for no more than are likely to come, as many as came
when one last waited in vain, and once in a while one more; the seldomer, the more often that one did not come.
"""

GATHER_S = 0.001
"""The longest that a group waits, and only where the one before was written so little ago."""

ENOUGH_MAX = 16
"""A group of so many commits never waits."""

FILLED_BEFORE_MORE = 16
"""After so many groups that did not wait in vain, they wait for one more."""

FILLED_BEFORE_MORE_MAX = 256
"""Where one more did not come, twice as many go before they wait for it again, and so on up to this."""


class Gathering:
    """Learns how large groups become within `GATHER_S`."""

    __slots__ = ("_filled", "_filled_before_more", "_tries_more", "enough")

    def __init__(self) -> None:
        self._filled = 0
        self._filled_before_more = FILLED_BEFORE_MORE
        self._tries_more = False
        self.enough = 1
        """A group of so many commits is written."""

    def filled(self, *, has_waited: bool = False) -> None:
        """A group became as large as it was to; `has_waited` tells whether that took any time."""
        if has_waited and self._tries_more:
            self._tries_more = False
            self._filled_before_more = FILLED_BEFORE_MORE
        self._filled += 1
        if self._filled >= self._filled_before_more and self.enough < ENOUGH_MAX:
            self._filled = 0
            self._tries_more = True
            self.enough += 1

    def in_vain(self, size: int) -> None:
        """A group waited as long as it may, and came to no more than `size` commits."""
        if self._tries_more:
            self._tries_more = False
            self._filled_before_more = min(2 * self._filled_before_more, FILLED_BEFORE_MORE_MAX)
        self._filled = 0
        self.enough = max(1, min(size, self.enough))
