"""What a run showed, as values: computed from its record, written as JSON, printed as tables."""

import math
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from stresstest.checker import Verdict
from stresstest.histogram import Histogram, merged
from stresstest.plan import Plan
from stresstest.ramp import Stage
from stresstest.record import Mischief, Record, Slot
from stresstest.scenarios.player import RELAY, WAYS
from stresstest.steps import is_held
from turnserver.protocol.answers import BY_PREFIX

FORMAT = 2
"""The version of the JSON."""

BUSY_CPU = 0.85
"""From this part of a core on, the stress test measures itself rather than the server."""


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution of times, in milliseconds."""

    count: int
    min_ms: float
    mean_ms: float
    median_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """How often one reply came."""

    code: str
    count: int
    unexpected: int
    """How many of them were errors where they came."""
    words: str


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a run showed."""

    format: int = FORMAT
    plan: Plan
    machine: dict[str, str]
    players: int
    players_with_errors: int
    games: int
    games_broken: int
    wall_s: float
    requests: int
    requests_per_s: float
    """While players began new games; the end of the run is left out of all rates."""
    messages: int
    messages_per_s: float
    latency: dict[str, Latency]
    """By symbol: from a request's first byte sent to its reply's last byte read. `SYMBOL, held` are those whose reply
    the server was asked to hold until there is something to say."""
    all_requests: Latency
    """Without those that may be held: these are not late."""
    ways: dict[str, Latency]
    """What players feel, by kind: from when something was due to its arrival; only between players of one machine."""
    server_time: Latency | None
    """What `GET /` answered, a few times a second: the server's own time for its latest POST, whichever that was."""
    codes: list[Code]
    errors: float
    """The part of all requests that was answered unexpectedly, or not at all."""
    reasons: dict[str, int]
    verdict: Verdict
    """All kinds together."""
    verdicts: dict[str, Verdict]
    """By kind: relay, rooms, chat, inbox."""
    lost: int
    is_clean: bool
    """Messages were delivered, each exactly once, in order and unchanged."""
    mischief: Mischief
    client_cpu: float

    @property
    def slowest(self) -> tuple[str, Latency]:
        """What a load is judged by: whatever has the highest p99 of requests and of what players wait for.

        Not of the relay's messages: how long these take depends above all on how often players ask.
        """
        felt = {"requests": self.all_requests}
        felt |= {WAYS[kind]: way for kind, way in self.ways.items() if kind != RELAY}
        return max(felt.items(), key=lambda row: row[1].p99_ms)

    @property
    def rest_ms(self) -> tuple[float, float] | None:
        """Mean and median of what the server's time leaves: network, queues and this client; None if it told none."""
        if self.server_time is None:
            return None
        whole, server = self.all_requests, self.server_time
        return max(0.0, whole.mean_ms - server.mean_ms), max(0.0, whole.median_ms - server.median_ms)


def summary(plan: Plan, record: Record) -> Summary:
    """What a plan's record shows."""
    window_s = min(plan.seconds, record.wall_s)
    window = record.slots[: max(1, math.ceil(plan.seconds / record.slot_s))]
    all_requests = merged(record.latency(row) for row in record.symbols() if not is_held(row))
    verdict = sum(record.verdicts.values(), Verdict())
    server = merged(slot.server for slot in record.slots)
    answered = sum(record.codes().values())
    return Summary(
        plan=msgspec.structs.replace(plan, server_key="given" if plan.server_key else ""),
        machine=machine(),
        players=record.players,
        players_with_errors=record.players_with_errors,
        games=record.games,
        games_broken=record.games_broken,
        wall_s=record.wall_s,
        requests=_count(record.slots),
        requests_per_s=_count(window) / window_s,
        messages=sum(slot.delivered for slot in record.slots),
        messages_per_s=sum(slot.delivered for slot in window) / window_s,
        latency={symbol: latency(record.latency(symbol)) for symbol in record.symbols()},
        all_requests=latency(all_requests),
        ways={kind: latency(record.way(kind)) for kind in record.kinds()},
        server_time=latency(server) if server.count else None,
        codes=[_code(record, code, count) for code, count in record.codes().items()],
        errors=sum(record.unexpected.values()) / answered if answered else 1.0,
        reasons=dict(record.reasons),
        verdict=verdict,
        verdicts={kind: record.verdicts[kind] for kind in WAYS if kind in record.verdicts},
        lost=sum(one.lost for one in record.verdicts.values()),
        is_clean=verdict.received > 0 and all(one.is_clean for one in record.verdicts.values()),
        mischief=record.mischief,
        client_cpu=record.cpu_share_max,
    )


def _count(slots: Sequence[Slot]) -> int:
    """How many requests were answered in these slots."""
    return sum(histogram.count for slot in slots for histogram in slot.requests.values())


def stage(shown: Summary) -> Stage:
    """A run as a stage of the ramp."""
    what, slowest = shown.slowest
    return Stage(
        players=shown.players,
        requests_per_s=shown.requests_per_s,
        messages_per_s=shown.messages_per_s,
        slowest=what,
        median_ms=slowest.median_ms,
        p95_ms=slowest.p95_ms,
        p99_ms=slowest.p99_ms,
        errors=shown.errors,
        is_clean=shown.is_clean,
        client_cpu=shown.client_cpu,
    )


def latency(histogram: Histogram) -> Latency:
    """A histogram's numbers in milliseconds; all 0 if it is empty."""
    return Latency(
        count=histogram.count,
        min_ms=histogram.min_us / 1000 if histogram.count else 0.0,
        mean_ms=histogram.mean_us / 1000,
        median_ms=histogram.percentile_us(50) / 1000,
        p95_ms=histogram.percentile_us(95) / 1000,
        p99_ms=histogram.percentile_us(99) / 1000,
        max_ms=histogram.max_us / 1000,
    )


def machine() -> dict[str, str]:
    """What the stress test runs on: figures mean nothing without it."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": f"{os.cpu_count()} x {_processor()}",
        "python": platform.python_version(),
        "turnserver": _version("turnserver"),
        "uvloop": _version("uvloop"),
    }


def _processor() -> str:
    """The processor's name where Linux tells it, its architecture elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "from source"


def _code(record: Record, code: str, count: int) -> Code:
    known = BY_PREFIX.get(code)
    words = known.words if known else _OTHER_WORDS.get(code, "")
    return Code(code=code, count=count, unexpected=record.unexpected.get(code, 0), words=words)


_OTHER_WORDS = {
    "no reply": "the connection failed, or nothing came in time",
    "not a reply": "what came is no line of the protocol",
}
