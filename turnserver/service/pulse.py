"""The server's pulse: how late the event loop is, a sample of all figures now and then, a look at a failing store.

What a beat costs does not depend on the load.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from turnserver.events import Event, tell
from turnserver.histogram import Histogram
from turnserver.service.figures import EVERY_S, Figures
from turnserver.service.readiness import Readiness
from turnserver.service.usage import Usage

BEAT_S = 0.25
"""How often the loop's lateness is measured."""

_logger = logging.getLogger("turnserver.service")


class Pulse:
    """Beats while the server runs.

    Args:
        figures: Where samples are taken.
        usage: Tells whether the store has failed anybody since the last beat.
        readiness: Looks at the store then, and until it works again.
        clock: Seconds, never going back; the event loop's own is too coarse.
        beat_s: Seconds between two beats.
        every_s: Seconds between two samples.
    """

    def __init__(
        self,
        figures: Figures,
        usage: Usage,
        readiness: Readiness,
        *,
        clock: Callable[[], float] = time.monotonic,
        beat_s: float = BEAT_S,
        every_s: float = EVERY_S,
    ) -> None:
        self._figures = figures
        self._usage = usage
        self._readiness = readiness
        self._failures = 0
        self._clock = clock
        self._beat_s = beat_s
        self._every_s = every_s
        self.lag = Histogram()
        """How much later than asked for the loop came back, by beat."""

    async def run(self) -> None:
        """Beat until cancelled."""
        due_s = self._clock() + self._every_s
        while True:
            asked_s = self._clock() + self._beat_s
            await asyncio.sleep(self._beat_s)
            late_s = max(0.0, self._clock() - asked_s)
            self.lag.add(late_s)
            self._figures.late(late_s)
            is_due = self._clock() >= due_s
            if is_due:
                due_s = max(due_s + self._every_s, self._clock())
            await self._beat(takes=is_due)

    async def _beat(self, *, takes: bool) -> None:
        try:
            if self._readiness.is_down or self._usage.store_failures != self._failures:
                self._failures = self._usage.store_failures
                await self._readiness.check()
            if takes:
                await self._figures.take()
        except Exception as error:  # noqa: BLE001  # the pulse must not end with one mistake; the next beat may do
            tell(_logger, Event.BUG, error=error)
