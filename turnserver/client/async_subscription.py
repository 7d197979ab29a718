"""A list that is followed, for the asynchronous client."""

import time
from collections.abc import AsyncIterator
from typing import Generic

from turnserver.client.async_connection import Connection
from turnserver.client.errors import Closed
from turnserver.client.following import Following, M
from turnserver.client.timing import Timing


class Subscription(Generic[M]):
    """A list that is followed; see `turnserver.client.subscription.Subscription`."""

    def __init__(self, following: Following[M], connection: Connection, timing: Timing) -> None:
        self._following = following
        self._connection = connection
        self._timing = timing

    async def receive(self, *, wait_s: float = 20.0) -> list[M]:
        """All that came, oldest first; empty if nothing came within `wait_s`. 0 does not wait.

        Raises:
            TurnserverError: As `turnserver.client.subscription.Subscription.receive` raises.
        """
        await self._await_news(wait_s)
        return self._following.take()

    async def __aiter__(self) -> AsyncIterator[M]:
        """Each as it comes, until the block that it belongs to has ended."""
        while True:
            try:
                one = await self.receive_one()
            except Closed:
                if self._connection.is_over:
                    return
                raise
            yield one

    async def receive_one(self) -> M:
        """The next one, as soon as it has come."""
        while (one := self._following.take_one()) is None:
            await self._await_news(self._timing.hold_s)
        return one

    async def _await_news(self, wait_s: float) -> None:
        ends_s = time.monotonic() + wait_s
        left_s = wait_s
        while not self._following.has_news:
            async with self._connection.for_waiting():
                if not self._following.has_news:
                    await self._connection.perform(self._following.poll(left_s))
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                return
