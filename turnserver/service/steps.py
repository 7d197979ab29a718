"""A step that is taken again and again beside the requests: what a server does though nobody asks for it."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from turnserver.events import Event, tell
from turnserver.store.seam import StoreDown

_logger = logging.getLogger("turnserver.service")


class Steps:
    """Takes a step after each span, until it is stopped.

    Args:
        step: May raise StoreDown: it is told once, and the next step tries again.
        every_s: The span.
        failing: What does not happen while it fails, for the log.
    """

    def __init__(self, step: Callable[[], Awaitable[None]], *, every_s: float, failing: str) -> None:
        self._step = step
        self._every_s = every_s
        self._failing = failing
        self._is_down = False
        self._stopped = asyncio.Event()

    async def follow(self) -> None:
        """Go on until `stop`, and then once more."""
        is_last = False
        while not is_last:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self._every_s)
            is_last = self._stopped.is_set()
            await self._try()

    def stop(self) -> None:
        """Let `follow` come to its end."""
        self._stopped.set()

    async def _try(self) -> None:
        try:
            await self._step()
            self._is_down = False
        except StoreDown as failure:
            if not self._is_down:
                _logger.warning("%s: %s", self._failing, failure)
            self._is_down = True
        except Exception as error:  # noqa: BLE001  # whatever it is, the next step is taken all the same
            tell(_logger, Event.BUG, error=error)
