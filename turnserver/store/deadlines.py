"""The deadlines of many waits on few timers.

Nearly every wait ends because something happened, so a timer of its own would be set and cancelled for nothing. Here
time is cut into pages; one timer rings when a page begins, and only the waits that are still on it then get their own.
"""

import asyncio
from typing import Protocol

PAGE_S = 0.25
"""The length of a page: a wait that ends sooner after it began nearly always needs a timer."""


class Due(Protocol):
    """What is to be rung at its time."""

    due_s: float
    """By the event loop's clock."""

    def ring(self) -> None:
        """Its time has come. Also called where it was rung for another reason meanwhile."""
        ...


class Deadlines:
    """Rings what is due, on the running event loop."""

    def __init__(self) -> None:
        self._pages: dict[int, set[Due]] = {}

    def add(self, due: Due) -> None:
        """Ring it at its time, not sooner."""
        number = int(due.due_s / PAGE_S)
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = set()
            asyncio.get_running_loop().call_at(number * PAGE_S, self._turn, number)
        page.add(due)

    def remove(self, due: Due) -> None:
        """Ring it no more, if its page has not begun."""
        page = self._pages.get(int(due.due_s / PAGE_S))
        if page is not None:
            page.discard(due)

    def _turn(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        for due in self._pages.pop(number):
            loop.call_at(due.due_s, due.ring)
