"""Waiting: one mechanism for all polls.

A use case is a *step*: it answers as things stand, and names what may change that answer. Who is willing to wait is
held until one of these has moved or the time is up; then the step is taken again, now told that it is held. A held
request is a sign of life, so it is also taken again a few times within every time-out.

Source: docs/protocol.md, "Waiting".
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from msgspec import Struct

from turnserver.domain import relay
from turnserver.domain.feed import never_s
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.rooms.silence import next_lag_s
from turnserver.partition import View
from turnserver.protocol.limits import Limits
from turnserver.service.usage import Counts, Usage
from turnserver.store.memory import MemoryStore, Partition
from turnserver.store.seam import ImmediateStore, Store, Watching

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


UseCase = Callable[[Any, str, Held], Awaitable[Answered]]
"""`(request, title, held)`: every use case has this shape, and is one *step*."""

Seen = Sequence[tuple[str, Mapping[str, int]]]
"""Partitions, each with the counters that may change the answer."""


class Hold:
    """A request that is willing to wait, between two takes of its step.

    Args:
        use_case: What serves it.
        request: What the client wants.
        title: The game title of the path.
        counts: Where its answer is to be counted.
        wait_s: How long the client is willing to wait.
    """

    __slots__ = (
        "counts",
        "ends_s",
        "held",
        "place",
        "request",
        "seen",
        "title",
        "until_s",
        "use_case",
        "wait",
        "wait_s",
    )

    def __init__(self, use_case: UseCase, request: Any, title: str, counts: Counts, wait_s: float) -> None:
        self.use_case = use_case
        self.request = request
        self.title = title
        self.counts = counts
        self.wait_s = wait_s
        self.ends_s = 0.0
        """When it is answered at the latest, by the event loop's clock; once it was held."""
        self.held = Held.WILLING
        self.seen: Seen = ()
        """What it is to wait for, until `until_s`."""
        self.until_s = 0.0
        self.place: Partition | None = None
        """Where that is, if it was just read."""
        self.wait: Watching | None = None
        """Where it waits, if it does without a task."""

    def step(self) -> Awaitable[Answered]:
        """What its use case answers, as things stand."""
        return self.use_case(self.request, self.title, self.held)


class Holding:
    """Holds the requests that are willing to wait.

    Args:
        store: Where the partitions are.
        limits: The time-outs count.
        usage: Who is held is counted here.
    """

    def __init__(self, store: Store, limits: Limits, usage: Usage) -> None:
        self._store = store
        self._limits = limits
        self._usage = usage
        time_outs_s = (
            limits.registration_silence_s,
            limits.loading_silence_s,
            limits.play_silence_s,
            limits.room_setup_silence_s,
            limits.room_idle_s,
        )
        self._slice_s = min(time_outs_s) / SIGNS_OF_LIFE
        self.is_draining = False
        """True once nobody is to wait any more."""

    def holds(self, hold: Hold, answered: Answered) -> bool:
        """True if the request is to wait for `hold.seen` now: there is nothing to say yet, and time is left."""
        outcome = answered.outcome
        if not outcome.watch or self.is_draining:
            return False
        now_s = asyncio.get_running_loop().time()
        if not hold.held:
            self._begin(hold, now_s, Held.AS_REPEAT if outcome.is_repeat else Held.AS_NEW)
        left_s = hold.ends_s - now_s
        if left_s <= 0:
            return False
        partition, view = answered.partition, answered.view
        assert view is not None
        written = () if outcome.batch is None else outcome.batch.put
        seen = {}
        for name in outcome.watch:
            seen[name] = view.counter(name) + (name in written)
        hold.seen = ((partition, seen), *answered.elsewhere.items())
        due_s = DEADLINES[partition.partition(":")[0]](view, limits=self._limits)
        hold.until_s = now_s + min(left_s, self._slice_s, due_s)
        return True

    def _begin(self, hold: Hold, now_s: float, held: Held) -> None:
        hold.held = held
        hold.ends_s = now_s + hold.wait_s
        self._usage.holds += 1

    def begin(self, hold: Hold, place: Partition, seen: Mapping[str, int], due_s: float) -> None:
        """Let a request that was new wait without taking its step; unless `is_draining`.

        Args:
            hold: It was never held, and is watched at once.
            place: What may change the answer, in a store of this process.
            seen: The counters that may, as they are.
            due_s: Seconds until time alone may.
        """
        now_s = asyncio.get_running_loop().time()
        self._begin(hold, now_s, Held.AS_NEW)
        hold.place, hold.seen = place, ((place.name, seen),)
        hold.until_s = now_s + min(hold.wait_s, self._slice_s, due_s)

    def watch(self, hold: Hold, wake: Callable[[bytes | None], None]) -> None:
        """Call back when it is time to take the step again, or with the answer; see `ImmediateStore.watch`."""
        self._usage.held += 1
        place, hold.place = hold.place, None
        if place is None:
            hold.wait = cast("ImmediateStore", self._store).watch(hold.seen, hold.until_s, wake)
        else:
            hold.wait = cast("MemoryStore", self._store).watch_read(place, hold.seen[0][1], hold.until_s, wake)
        hold.seen = ()

    def end_watch(self, hold: Hold) -> None:
        """The request waits no longer: it was called back, or nobody wants its answer any more."""
        if hold.wait is not None:
            self._usage.held -= 1
            hold.wait.end()
            hold.wait = None

    async def wait(self, hold: Hold) -> None:
        """Return when it is time to take the step again."""
        patience_s = hold.until_s - asyncio.get_running_loop().time()
        self._usage.held += 1
        try:
            if len(hold.seen) == 1:
                await self._store.wait(*hold.seen[0], patience_s)
            else:
                await self._first_of(hold.seen, patience_s)
        finally:
            self._usage.held -= 1

    async def _first_of(self, seen: Seen, patience_s: float) -> None:
        """Return when a counter of any of several partitions has moved, or after `patience_s`."""
        waits = [asyncio.ensure_future(self._store.wait(name, counters, patience_s)) for name, counters in seen]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def drain(self) -> None:
        """Answer all held requests now, as things stand: the server is about to stop."""
        self.is_draining = True
        self._store.wake()
