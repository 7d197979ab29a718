"""Who waits for partitions of this process, and how they hear that one has moved.

A wait is no task and no future: it stands in the partitions that it is for, with the counters that were seen there.
When one of these moves, or its time is up, it leaves them. All that were rung in one round of the event loop are called
back together, at its end: nobody is called in the middle of a commit.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from turnserver.store.deadlines import Deadlines

Seen = Mapping[str, int]
"""Counters by name, as somebody saw them."""

Wake = Callable[[bytes | None], None]
"""What calls back: with the line to answer with, or None where the one who waits has to look for itself."""


class Place:
    """What can be waited for: something with counters."""

    __slots__ = ("waits",)

    def __init__(self) -> None:
        self.waits: dict[Wait, Seen] | None = None

    def counter(self, name: str) -> int:
        """The counter of that name now."""
        raise NotImplementedError

    def has_moved(self, seen: Seen) -> bool:
        """True if a counter is not as it was seen."""
        for name, counter in seen.items():  # noqa: SIM110  # on the hot path a generator costs more than all the rest
            if self.counter(name) != counter:
                return True
        return False

    def ring_moved(self) -> None:
        """End the waits for what has moved."""
        moved: list[Wait] = []
        checked: Seen | None = None
        has_moved = False
        for wait, seen in (self.waits or {}).items():
            if seen != checked:  # those who wait for the same thing mostly saw the same
                checked, has_moved = seen, self.has_moved(seen)
            if has_moved:
                moved.append(wait)
        for wait in moved:
            wait.ring()

    def is_waited_for(self, seen: Seen) -> bool:
        """True if somebody waits who has seen this very object."""
        return any(counters is seen for counters in (self.waits or {}).values())

    def answer(self, seen: Seen, line: bytes) -> int:
        """End the waits of those who have seen this very object, and let them be told the line; how many they are."""
        waits = [wait for wait, counters in (self.waits or {}).items() if counters is seen]
        for wait in waits:
            wait.ring(line)
        return len(waits)

    def ring_all(self) -> None:
        """End all waits."""
        for wait in tuple(self.waits or ()):
            wait.ring()


class Wait:
    """Somebody who waits, until it is called back."""

    __slots__ = ("_line", "_places", "_waits", "_wake", "due_s")

    def __init__(self, waits: "Waits", places: Sequence[Place], due_s: float, wake: Wake) -> None:
        self._waits = waits
        self._places = places
        self._wake: Wake | None = wake
        self._line: bytes | None = None
        self.due_s = due_s

    def ring(self, line: bytes | None = None) -> None:
        """Call back at the end of this round, with the line if there is one; again is harmless."""
        if self._places:
            self._line = line
            self._leave()
            self._waits.put(self)

    def end(self) -> None:
        """Wait no longer, and be called back by nobody."""
        self._wake = None
        if self._places:
            self._leave()

    def _leave(self) -> None:
        self._waits.deadlines.remove(self)
        for place in self._places:
            assert place.waits is not None
            del place.waits[self]
            if not place.waits:
                place.waits = None
        self._places = ()

    def wake(self) -> None:
        """Call back, unless the wait was given up after it was rung."""
        if self._wake is not None:
            self._wake(self._line)


class Waits:
    """All waits of a store."""

    def __init__(self) -> None:
        self.deadlines = Deadlines()
        self._rung: list[Wait] = []

    def begin(self, places: Sequence[Place], seen: Sequence[Seen], until_s: float, wake: Wake) -> Wait:
        """Let somebody wait.

        Args:
            places: What is waited for.
            seen: For each place the counters that count, as they are.
            until_s: When it ends at the latest, by the event loop's clock.
            wake: Called once, at the end of a round.
        """
        wait = Wait(self, places, until_s, wake)
        for place, counters in zip(places, seen, strict=True):
            if place.waits is None:
                place.waits = {}
            place.waits[wait] = counters
        self.deadlines.add(wait)
        return wait

    def begin_ended(self, wake: Wake) -> Wait:
        """The wait of somebody who has nothing to wait for: it ends with this round."""
        wait = Wait(self, (), 0, wake)
        self.put(wait)
        return wait

    def put(self, wait: Wait) -> None:
        """Call the wait back at the end of this round."""
        if not self._rung:
            asyncio.get_running_loop().call_soon(self.wake_rung)
        self._rung.append(wait)

    def wake_rung(self) -> None:
        """Call all back that were rung; a mistake in one harms no other."""
        rung, self._rung = self._rung, []
        for wait in rung:
            try:
                wait.wake()
            except Exception as error:  # noqa: BLE001  # the event loop tells it, as that of any callback
                asyncio.get_running_loop().call_exception_handler({"message": "in a wait", "exception": error})
