"""Whether the server is ready for requests: its store keeps its promises, and it is not about to stop.

Source: docs/operating.md, "Health".
"""

import asyncio
import logging

from turnserver.events import Event, tell
from turnserver.store.seam import Store, StoreDown

CHECK_S_MAX = 2.0
"""A store that takes longer to answer is down."""

READY, STORE_DOWN, DRAINING = "ready", "the store is down", "the server is about to stop"
"""What strangers may read: nothing about this machine."""

_PROBE = "ready:probe"
"""A partition that is never written."""

_logger = logging.getLogger("turnserver.service")


class Readiness:
    """Knows whether the server is ready, and tells the operator when the store goes and comes.

    Args:
        store: What must work.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_down = False
        """True if the store was down when it was last looked at."""
        self.is_draining = False
        """True once the server is about to stop; set from outside."""

    async def check(self) -> str:
        """Look at the store: READY, or why not."""
        reason = await self._failure()
        if reason and not self.is_down:
            tell(_logger, Event.STORE_DOWN, reason=reason)
        elif self.is_down and not reason:
            tell(_logger, Event.STORE_UP)
        self.is_down = bool(reason)
        if self.is_draining:
            return DRAINING
        return STORE_DOWN if reason else READY

    async def _failure(self) -> str:
        """What the store fails with; empty if it works: it can be read, and what was committed is durable."""
        try:
            async with asyncio.timeout(CHECK_S_MAX):
                await self._store.read(_PROBE)
                await self._store.settle()
        except StoreDown as failure:
            return str(failure)
        except TimeoutError:
            return f"no answer within {CHECK_S_MAX:g} s"
        return ""
