"""Figures over time: a sample every few seconds, for a day, in bounded memory.

What only grows is kept as what a span added, so that spans can be joined; what goes up and down as it was at the span's
end. They are gone when the server ends: whoever wants to keep them has `/metrics`.

Source: docs/operating.md, "Figures over time".
"""

from collections import deque
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from turnserver.histogram import BOUNDS_S, quantile_s
from turnserver.service.usage import Usage
from turnserver.store.seam import Store, StoreDown

EVERY_S = 10.0
"""The span of one sample."""

KEPT = 8640
"""How many samples are kept: a day of them, less than 3 MiB."""


class Sample(Struct, frozen=True, array_like=True, gc=False):
    """One span. What is counted was added in it; seconds are those of requests that were timed in it."""

    at_s: float
    """When the span ended, Unix seconds."""
    span_s: float
    players: int
    """Registrations at its end; the next three likewise. They are 0 while the store cannot be asked."""
    matches: int
    rooms: int
    sessions: int
    held: int
    """Requests that waited at its end."""
    requests: int
    errors: int
    """Those that were answered with an error, refusals of rules among them, and replies that were taken back."""
    messages: int
    """Messages of relay games."""
    received_bytes: int
    sent_bytes: int
    median_s: float
    p95_s: float
    p99_s: float
    lag_s: float
    """The longest that the event loop was late."""
    commands: dict[str, int]
    """How often each was used, by name; those that were not are left out."""


class _Totals(Struct, frozen=True, gc=False):
    """What only grows, as it was when a span began."""

    requests: int
    errors: int
    messages: int
    received_bytes: int
    sent_bytes: int
    took: list[int]
    commands: dict[str, int]


class Figures:
    """Takes samples and keeps the latest.

    Args:
        store: Says how many live.
        usage: What is counted.
        unix_s: The time of day.
        kept: How many samples are kept.
    """

    def __init__(self, store: Store, usage: Usage, *, unix_s: Callable[[], float], kept: int = KEPT) -> None:
        self._store = store
        self._usage = usage
        self._unix_s = unix_s
        self._samples: deque[bytes] = deque(maxlen=kept)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Sample).decode
        self._before = _totals(usage)
        self.began_s = self._at_s = unix_s()
        """When the server began, Unix seconds."""
        self._lag_s = 0.0

    def now_s(self) -> float:
        """The time of day, Unix seconds."""
        return self._unix_s()

    def late(self, seconds: float) -> None:
        """The event loop was so late; the worst of a span is kept."""
        self._lag_s = max(self._lag_s, seconds)

    async def take(self) -> Sample:
        """End the span: keep a sample of it, and begin the next."""
        before, now = self._before, _totals(self._usage)
        at_s, began_s = self._unix_s(), self._at_s
        players, matches, rooms, sessions = [
            await self._living(kind) for kind in ("player", "match", "room", "session")
        ]
        took = [count - earlier for count, earlier in zip(now.took, before.took, strict=True)]
        sample = Sample(
            at_s,
            max(at_s - began_s, 0.0),
            players,
            matches,
            rooms,
            sessions,
            self._usage.held,
            now.requests - before.requests,
            now.errors - before.errors,
            now.messages - before.messages,
            now.received_bytes - before.received_bytes,
            now.sent_bytes - before.sent_bytes,
            quantile_s(took, 0.5),
            quantile_s(took, 0.95),
            quantile_s(took, 0.99),
            self._lag_s,
            _added(now.commands, before.commands),
        )
        self._before, self._at_s, self._lag_s = now, at_s, 0.0
        self._samples.append(self._encode(sample))
        return sample

    async def _living(self, kind: str) -> int:
        try:
            return await self._store.count(kind)
        except StoreDown:
            return 0

    def since(self, at_s: float, *, most: int) -> list[Sample]:
        """The samples that ended after a time, oldest first; neighbours are joined so that there are not too many.

        Args:
            at_s: Unix seconds; 0 for all.
            most: The longest list that is wanted, 1 or more.
        """
        found = [sample for sample in map(self._decode, self._samples) if sample.at_s > at_s]
        step = -(-len(found) // most)
        return [joined(found[begin : begin + step]) for begin in range(0, len(found), step or 1)]


def joined(samples: Sequence[Sample]) -> Sample:
    """One sample of several neighbours, at least one: counts are added up, seconds are those of the worst."""
    last = samples[-1]
    if len(samples) == 1:
        return last
    commands: dict[str, int] = {}
    for sample in samples:
        for name, count in sample.commands.items():
            commands[name] = commands.get(name, 0) + count
    added = ("span_s", "requests", "errors", "messages", "received_bytes", "sent_bytes")
    worst = ("median_s", "p95_s", "p99_s", "lag_s")
    return msgspec.structs.replace(
        last,
        commands=commands,
        **{name: sum(getattr(sample, name) for sample in samples) for name in added},
        **{name: max(getattr(sample, name) for sample in samples) for name in worst},
    )


def _totals(usage: Usage) -> _Totals:
    took = [0] * (len(BOUNDS_S) + 1)
    for histogram in tuple(usage.took.values()):
        took = [mine + its for mine, its in zip(took, histogram.counts, strict=True)]
    replies = usage.replies
    errors = sum(count for answer, count in replies.items() if answer.is_error)
    return _Totals(
        sum(replies.values()) + usage.bugs,
        errors + usage.bugs + usage.unsettled,
        usage.messages,
        usage.received_bytes,
        usage.sent_bytes,
        took,
        usage.commands,
    )


def _added(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    added = {name: count - before.get(name, 0) for name, count in now.items()}
    return {name: count for name, count in added.items() if count}
