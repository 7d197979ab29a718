"""Waiting: one mechanism for all polls.

A use case is a *step*: it answers as things stand, and names what may change that answer. Who is willing to wait is
held until one of these has moved or the time is up; then the step is taken again, now told that it is held. A held
request is a sign of life, so it is also taken again a few times within every time-out.

Source: docs/protocol.md, "Waiting".
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from turnserver.domain import relay
from turnserver.domain.feed import never_s
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.rooms.silence import next_lag_s
from turnserver.messages.reply import Reply
from turnserver.partition import View
from turnserver.protocol.limits import Limits
from turnserver.store.seam import Store

SIGNS_OF_LIFE = 3
"""How often a held request is taken again within the shortest time-out."""


DEADLINES: Mapping[str, Callable[..., float]] = {
    "player": relay.next_silence_s,
    "match": relay.next_silence_s,
    "game": relay.next_silence_s,
    "roomkey": next_lag_s,
    "chat": never_s,
    "chatroom": never_s,
    "chatgame": never_s,
    "inbox": never_s,
    "topic": never_s,
    "queue": never_s,
}
"""By kind of partition: `(view, limits=...)` to the seconds until time alone may change the answer."""


class Answered(Struct, frozen=True, gc=False):
    """What a step answered, and what it saw: the partition, before the outcome's batch was committed."""

    outcome: Outcome
    partition: str = ""
    view: View | None = None
    elsewhere: Mapping[str, Mapping[str, int]] = {}
    """Counters of other partitions, as they were seen, that may change the answer too."""


Step = Callable[[Held], Awaitable[Answered]]
"""A use case, bound to its request; the argument says whether it was held."""


class Holding:
    """Holds the requests that are willing to wait.

    Args:
        store: Where the partitions are.
        limits: The time-outs count.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        time_outs_s = (limits.registration_silence_s, limits.loading_silence_s, limits.play_silence_s)
        self._slice_s = min(time_outs_s) / SIGNS_OF_LIFE
        self._is_draining = False

    async def hold(self, step: Step, first: Answered, wait_s: float) -> Reply:
        """The reply as it is when there is something to say, or after `wait_s`."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + wait_s
        answered, held = first, Held.AS_REPEAT if first.outcome.is_repeat else Held.AS_NEW
        while answered.outcome.watch and not self._is_draining:
            left_s = ends_s - loop.time()
            if left_s <= 0:
                break
            await self._wait(answered, left_s)
            answered = await step(held)
        return answered.outcome.reply

    async def _wait(self, answered: Answered, left_s: float) -> None:
        outcome, partition, view = answered.outcome, answered.partition, answered.view
        assert view is not None
        written = outcome.batch.put if outcome.batch is not None else {}
        seen = {name: view.counter(name) + (name in written) for name in outcome.watch}
        due_s = DEADLINES[partition.partition(":")[0]](view, limits=self._limits)
        patience_s = min(left_s, self._slice_s, due_s)
        if answered.elsewhere:
            await self._first_of({partition: seen, **answered.elsewhere}, patience_s)
        else:
            await self._store.wait(partition, seen, patience_s)

    async def _first_of(self, seen: Mapping[str, Mapping[str, int]], patience_s: float) -> None:
        """Return when a counter of any of several partitions has moved, or after `patience_s`."""
        waits = [asyncio.ensure_future(self._store.wait(name, seen[name], patience_s)) for name in seen]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def drain(self) -> None:
        """Answer all held requests now, as things stand: the server is about to stop."""
        self._is_draining = True
        self._store.wake()
