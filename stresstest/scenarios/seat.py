"""A relay player's counters: which update is under way, and how many of the partner's have come.

A full buffer (21) refuses an update and does not use up its number. The plain way on is an empty update under the same
number, then the data under the next. With exact counters a late copy of the refused one must not be mistaken for that
empty update; so the number *before* is repeated, empty and with the newest r, which acknowledges and uses up nothing.

Source: docs/protocol.md, "Counters".
"""

from turnserver.messages.relay import GameQuit, GameUpdate
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer

_ACCEPTED = (answers.UPDATES, answers.UNACKNOWLEDGED, answers.NOTHING_NEW)


class Seat:
    """One side of a game."""

    def __init__(self, key: str, player: int, *, is_exact: bool) -> None:
        self._key = key
        self._player = player
        self._is_exact = is_exact
        self._counter = 0
        self._received = 0
        self._data: bytes | None = None
        self.is_blocked = False
        """True after a 21, until room was made."""

    @property
    def is_under_way(self) -> bool:
        """True while an update waits to be accepted."""
        return self._data is not None

    def begin(self, data: bytes) -> None:
        """Put the next update under way; empty data is a poll."""
        assert not self.is_under_way, "one update at a time"
        self._data = data

    @property
    def request(self) -> GameUpdate:
        """What to post now; the same until it is answered."""
        assert self._data is not None, "no update is under way"
        if not self.is_blocked:
            return GameUpdate(self._key, self._player, self._counter, self._r, self._data)
        counter = self._counter - 1 if self._is_exact else self._counter
        return GameUpdate(self._key, self._player, counter, self._r, b"")

    @property
    def farewell(self) -> GameQuit:
        """The request that quits."""
        return GameQuit(self._key, self._player, self._counter, self._r)

    def answered(self, answer: Answer, item_count: int) -> bool:
        """Take note of an answer that brought so many updates of the partner; False if it is none for this request."""
        if answer in _ACCEPTED:
            self._received += item_count
            self._advance()
        elif self.is_blocked and self._is_exact and answer is answers.COUNTER_BEHIND:
            self.is_blocked = False  # a late copy of the refused update has found room meanwhile
        elif answer is answers.BUFFER_FULL and not self.is_blocked and self._counter > 0:
            self.is_blocked = True
        else:
            return False
        return True

    @property
    def _r(self) -> int | None:
        return self._received if self._is_exact else None

    def _advance(self) -> None:
        if not self.is_blocked:
            self._data = None
        if not (self.is_blocked and self._is_exact):
            self._counter += 1
        self.is_blocked = False
