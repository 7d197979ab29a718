"""The server's pulse: how late the event loop is, and a sample of all figures now and then.

It is the one thing that runs in the background. What a beat costs does not depend on the load.
"""

import asyncio
import logging

from turnserver.histogram import Histogram
from turnserver.service.figures import EVERY_S, Figures

BEAT_S = 0.25
"""How often the loop's lateness is measured."""

_logger = logging.getLogger("turnserver.service")


class Pulse:
    """Beats while the server runs.

    Args:
        figures: Where samples are taken.
        beat_s: Seconds between two beats.
        every_s: Seconds between two samples.
    """

    def __init__(self, figures: Figures, *, beat_s: float = BEAT_S, every_s: float = EVERY_S) -> None:
        self._figures = figures
        self._beat_s = beat_s
        self._every_s = every_s
        self.lag = Histogram()
        """How much later than asked for the loop came back, by beat."""

    async def run(self) -> None:
        """Beat until cancelled."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + self._every_s
        while True:
            asked_s = loop.time() + self._beat_s
            await asyncio.sleep(self._beat_s)
            late_s = max(0.0, loop.time() - asked_s)
            self.lag.add(late_s)
            self._figures.late(late_s)
            if loop.time() >= due_s:
                due_s = max(due_s + self._every_s, loop.time())
                await self._take()

    async def _take(self) -> None:
        try:
            await self._figures.take()
        except Exception:  # figures must not end with one mistake; the next sample may do
            _logger.exception("a bug, one sample of figures is missing")
