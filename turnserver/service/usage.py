"""What the server has done since it started, counted where it happens.

Plain numbers that only ever grow (`held` apart), so that counting costs a request next to nothing: whoever wants rates
or shares compares two moments. A command is what a request asks for, whichever way it came in: as a line, over JSON or
by JSON-RPC; its name is that of its symbol.

Source: docs/operating.md, "Metrics".
"""

import re
from collections import Counter

from turnserver.histogram import Histogram
from turnserver.protocol.answers import TABLE, Answer
from turnserver.protocol.symbols import Symbol

SAMPLE_EVERY_S = 0.001
"""At most one request in so many seconds is timed: what timing costs does not grow with the load."""

Counts = dict[bytes, int]
"""How often each answer was given, by its prefix, zeros included."""

BATCH = "batch"
"""The family of all requests of a batch together."""

_FAMILIES = {0: "relay", 2: "rooms", 4: "chat", 5: "inbox", 6: "accounts", 7: "world"}
"""By the tens of a symbol's number."""


def family(symbol: Symbol) -> str:
    """The family of commands that a symbol belongs to; what comes before a game is one of its own."""
    number = int(symbol.value)
    return "pairing" if number <= int(Symbol.MAP_READY.value) else _FAMILIES[number // 10]


FAMILIES: dict[bytes, str] = {symbol.value.encode(): family(symbol) for symbol in Symbol}
"""The family of each symbol, by its spelling on the wire."""


def command_of(request: type) -> str:
    """The name of the command that requests of a type are: `GAME_UPDATE` for `GameUpdate`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", request.__name__).upper()


class Usage:
    """The counts."""

    def __init__(self) -> None:
        self.answers: dict[str, Counts] = {}
        """By command, how often each answer was given."""
        self.malformed = _no_answers()
        """Requests that named no command, or broke its form, by answer."""
        self.http: Counter[int] = Counter()
        """Responses to all that is not a POST of text, by HTTP status."""
        self.messages = 0
        """Messages of relay games that were accepted for the partner: repeats and polls are none."""
        self.held = 0
        """Requests that wait on the server now."""
        self.holds = 0
        """Requests that have begun to wait."""
        self.store_failures = 0
        """Requests that the store failed."""
        self.unsettled = 0
        """Replies that were taken back, because what they told could not be made durable."""
        self.bugs = 0
        """Requests that met a mistake of the server's own."""
        self.received_bytes = 0
        """What clients sent over HTTP."""
        self.sent_bytes = 0
        """What they were sent."""
        self.took: dict[str, Histogram] = {}
        """By family, the seconds that requests took from their last byte to their answer: those that were timed."""
        self.sample_due_s = 0.0
        """When the next request may be timed, by `time.perf_counter`."""

    def command(self, name: str) -> Counts:
        """The counts of a command, to be counted up by whoever answers it."""
        return self.answers.setdefault(name, _no_answers())

    def refused(self, answer: Answer) -> None:
        """Count a request whose form was refused."""
        self.malformed[answer.prefix] += 1

    def failed(self, *, was_answered: bool = False) -> None:
        """Count a request that the store failed: before it was answered, or when the answer was to become durable."""
        self.store_failures += 1
        self.unsettled += was_answered

    def timed(self, family: str, *, started_s: float, took_s: float) -> None:
        """Take the time of one request of a family into the sample, and let the next one wait its turn."""
        self.sample_due_s = started_s + SAMPLE_EVERY_S
        found = self.took.get(family)
        if found is None:
            found = self.took[family] = Histogram()
        found.add(took_s)

    @property
    def commands(self) -> dict[str, int]:
        """How often each command was used, by name; those that never were are left out."""
        used = {name: sum(counts.values()) for name, counts in self.answers.items()}
        return {name: count for name, count in used.items() if count}

    @property
    def replies(self) -> dict[Answer, int]:
        """How often each answer was given, whatever was asked; those that never were are left out."""
        every = (self.malformed, *self.answers.values())
        totals = {answer: sum(counts[answer.prefix] for counts in every) for answer in TABLE}
        return {answer: count for answer, count in totals.items() if count}


def _no_answers() -> Counts:
    return dict.fromkeys((answer.prefix for answer in TABLE), 0)
