"""All that one run has seen, in bounded memory: histograms for slots of time, and counts.

Nothing is kept for a single request. A slot is a second long, or longer where a run would have more than `SLOTS_MAX`;
everything about the whole run is the sum of its slots. Records of several processes add up (`merge`), and travel as
JSON.
"""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from stresstest.checker import Verdict
from stresstest.histogram import Histogram, merged
from stresstest.scenarios.player import WAYS
from stresstest.steps import held
from turnserver.protocol.answers import BY_PREFIX
from turnserver.protocol.symbols import Symbol

SLOTS_MAX = 600
"""Slots of one record; what comes later is counted in the last."""

NO_REPLY = "no reply"
"""The code of a request that got none."""

NOT_A_REPLY = "not a reply"
"""The code of an answer that is no line of the protocol."""

REASONS_MAX = 20
"""Different reasons for failures that are kept; the rest are counted as "other"."""


class Slot(msgspec.Struct):
    """What was seen in one slot of time."""

    requests: dict[str, Histogram] = {}
    """By symbol: from the request's first byte sent to the reply's last byte read. Those that may be held on purpose
    have rows of their own (`steps.held`)."""
    ways: dict[str, Histogram] = {}
    """What players feel (`scenarios.player.WAYS`): from when something was due to its arrival."""
    server: Histogram = msgspec.field(default_factory=Histogram)
    """What the server says its latest POST took, asked now and then."""
    codes: dict[str, int] = {}
    """Replies by `status/code`, `NO_REPLY` and `NOT_A_REPLY` included."""
    delivered: int = 0
    """Messages that arrived."""
    errors: int = 0
    """Replies that were none of those expected."""
    playing: int = 0
    """Players that had begun, at the latest look."""

    def latency(self, symbol: str) -> Histogram:
        """The histogram of a symbol's requests."""
        histogram = self.requests.get(symbol)
        if histogram is None:
            histogram = self.requests[symbol] = Histogram()
        return histogram

    def way(self, kind: str) -> Histogram:
        """The histogram of one kind of what players feel."""
        histogram = self.ways.get(kind)
        if histogram is None:
            histogram = self.ways[kind] = Histogram()
        return histogram


class Mischief(msgspec.Struct):
    """How often the bad network struck."""

    requests_lost: int = 0
    replies_lost: int = 0
    copies: int = 0
    delays: int = 0


class Record(msgspec.Struct):
    """What one process has seen, or several."""

    slot_s: Annotated[float, Meta(gt=0)]
    slots: list[Slot] = []
    unexpected: dict[str, int] = {}
    """Replies that were none of those expected, by code."""
    reasons: dict[str, int] = {}
    """Why there was no reply, and why games were given up, in words."""
    verdicts: dict[str, Verdict] = {}
    """What the checks found, by the kind of messages."""
    games: int = 0
    """Players' games that took their course to the end."""
    games_broken: int = 0
    players: int = 0
    players_with_errors: int = 0
    mischief: Mischief = msgspec.field(default_factory=Mischief)
    wall_s: float = 0.0
    cpu_share_max: float = 0.0
    """The largest part of one core that a process of the stress test itself used."""

    def slot(self, elapsed_s: float) -> Slot:
        """The slot for something that happens so long after the beginning."""
        index = min(int(elapsed_s / self.slot_s), SLOTS_MAX - 1)
        while len(self.slots) <= index:
            self.slots.append(Slot())
        return self.slots[index]

    def reason(self, why: str) -> None:
        """Count a failure's reason."""
        known = why in self.reasons or len(self.reasons) < REASONS_MAX
        _count(self.reasons, why if known else "other")

    def failed(self, slot: Slot, code: str) -> None:
        """Count a reply that was none of those expected."""
        slot.errors += 1
        _count(self.unexpected, code)

    def merge(self, other: "Record") -> None:
        """Count all that another process has counted, whose slots are as long."""
        assert self.slot_s == other.slot_s, "records of one plan"
        for index, theirs in enumerate(other.slots[:SLOTS_MAX]):
            _merge_slot(self.slot(index * self.slot_s), theirs)
        _add(self.unexpected, other.unexpected)
        _add(self.reasons, other.reasons)
        for name in Mischief.__struct_fields__:
            setattr(self.mischief, name, getattr(self.mischief, name) + getattr(other.mischief, name))
        for kind, verdict in other.verdicts.items():
            self.verdicts[kind] = self.verdicts.get(kind, Verdict()) + verdict
        for name in ("games", "games_broken", "players", "players_with_errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wall_s = max(self.wall_s, other.wall_s)
        self.cpu_share_max = max(self.cpu_share_max, other.cpu_share_max)

    def latency(self, symbol: str) -> Histogram:
        """The latencies of one symbol's requests, over the whole run."""
        return merged(slot.requests[symbol] for slot in self.slots if symbol in slot.requests)

    def way(self, kind: str) -> Histogram:
        """One kind of what players feel, over the whole run."""
        return merged(slot.ways[kind] for slot in self.slots if kind in slot.ways)

    def symbols(self) -> list[str]:
        """The symbols that were requested, in the order of their numbers, each with its held requests."""
        seen = dict.fromkeys(symbol for slot in self.slots for symbol in slot.requests)
        return [row for symbol in Symbol for row in (symbol.name, held(symbol.name)) if row in seen]

    def kinds(self) -> list[str]:
        """The kinds of what players felt, in the order of `WAYS`."""
        return [kind for kind in WAYS if any(kind in slot.ways for slot in self.slots)]

    def codes(self) -> dict[str, int]:
        """Replies by code over the whole run, in the order of the protocol's table."""
        codes: dict[str, int] = {}
        for slot in self.slots:
            _add(codes, slot.codes)
        return dict(sorted(codes.items(), key=lambda item: _ORDER.get(item[0], len(_ORDER))))


_ORDER = {code: index for index, code in enumerate(BY_PREFIX)}


def slot_s(seconds: float) -> float:
    """How long the slots of a run of so many seconds are; a third of the slots is left for its end."""
    return max(1.0, seconds * 1.5 / SLOTS_MAX)


def total(records: Iterable[Record]) -> Record:
    """The sum of the records of one plan; at least one is needed."""
    first, *others = records
    whole = Record(slot_s=first.slot_s)
    for record in (first, *others):
        whole.merge(record)
    return whole


def _merge_slot(mine: Slot, theirs: Slot) -> None:
    for symbol, histogram in theirs.requests.items():
        mine.latency(symbol).merge(histogram)
    for kind, histogram in theirs.ways.items():
        mine.way(kind).merge(histogram)
    mine.server.merge(theirs.server)
    _add(mine.codes, theirs.codes)
    mine.delivered += theirs.delivered
    mine.errors += theirs.errors
    mine.playing += theirs.playing


def _add(mine: dict[str, int], theirs: dict[str, int]) -> None:
    for name, count in theirs.items():
        _count(mine, name, count)


def _count(counts: dict[str, int], name: str, count: int = 1) -> None:
    counts[name] = counts.get(name, 0) + count
