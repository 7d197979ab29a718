"""Checking one stream of numbered messages: nothing lost, nothing doubled, nothing out of order."""

import msgspec

GAP_MAX = 100_000
"""The most missing numbers that are remembered one by one; a server that skips more has failed anyway."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one stream, or in many (`+` adds them up)."""

    sent: int = 0
    """Messages that the server accepted: the sender got a reply."""
    received: int = 0
    """Different messages that arrived."""
    skipped: int = 0
    """Messages that did not arrive, although a later one did."""
    doubled: int = 0
    """Messages that arrived again."""
    reordered: int = 0
    """Messages that arrived after a later one."""
    altered: int = 0
    """Texts that arrived and are no message that anybody sent."""
    diverged: int = 0
    """Times that two players of a room found their games to differ: they were not given the same."""

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})

    @property
    def lost(self) -> int:
        """Messages that never arrived. Exact when all players are added up: then it includes the ends of streams."""
        return max(self.skipped, self.sent - self.received)

    @property
    def is_clean(self) -> bool:
        """True if every message arrived exactly once, in order and unchanged, and the same at all."""
        return not (self.lost or self.doubled or self.reordered or self.altered or self.diverged)


class Checker:
    """Checks the messages of one stream as they arrive.

    Args:
        first: The number of the first one that is to come.
    """

    def __init__(self, first: int = 0) -> None:
        self._first = self._next = first
        self._missing: set[int] = set()
        self._doubled = self._reordered = self._altered = self._beyond = 0
        self.has_last = False
        """True once the stream's last message has arrived."""

    def arrived(self, number: int, *, is_last: bool = False) -> bool:
        """Take note of a message; False if it came before."""
        self.has_last = self.has_last or is_last
        if number == self._next:
            self._next += 1
        elif number > self._next:
            self._skip_to(number)
            self._next = number + 1
        elif number in self._missing:
            self._missing.remove(number)
            self._reordered += 1
        else:
            self._doubled += 1
            return False
        return True

    @property
    def next_number(self) -> int:
        """The number after the latest that has come, or should have."""
        return self._next

    def must_have(self, number: int) -> None:
        """A message is known to stand before another one that has come: if it was never seen, it was skipped."""
        if number >= self._next:
            self._skip_to(number + 1)
            self._next = number + 1

    def altered(self) -> None:
        """Take note of something that is no message."""
        self._altered += 1

    def verdict(self, *, sent: int) -> Verdict:
        """What was found so far; `sent` is what this player itself sent, in the other direction."""
        return msgspec.structs.replace(self.received_verdict(), sent=sent)

    def received_verdict(self) -> Verdict:
        """What was found so far, where only this end of the stream is known: what came or was skipped had been sent."""
        skipped = len(self._missing) + self._beyond
        return Verdict(
            sent=self._next - self._first,
            received=self._next - self._first - skipped,
            skipped=skipped,
            doubled=self._doubled,
            reordered=self._reordered,
            altered=self._altered,
        )

    def _skip_to(self, number: int) -> None:
        remembered = range(self._next, min(number, self._next + GAP_MAX - len(self._missing)))
        self._missing.update(remembered)
        self._beyond += number - self._next - len(remembered)
