"""A recorded room, run again: the same packets through the same step function give the same hashes, or show where not.

The record is the JSON lines of `GET /archive/ROOM`.

Source: docs/rooms.md, "The record".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec

from turnserver.client.game_rules import Commands, Hashed, S
from turnserver.client.hashes import hash_text
from turnserver.client.membership import Setup, seated


class BadRecord(ValueError):
    """What was read is no record of a room."""


class Turn(NamedTuple):
    """One packet of the record."""

    generation: int
    commands: Commands


class Record(NamedTuple):
    """What of a room's record a replay needs."""

    setup: Setup
    """What the game began from."""
    turns: tuple[Turn, ...]
    """All packets, from generation 1 on."""
    reports: Mapping[int, Mapping[int, str]]
    """The hashes that were reported, by generation and seat."""


class Difference(NamedTuple):
    """The first generation after which the replayed state has another hash than some that were reported."""

    generation: int
    hash: str
    reported: Mapping[int, str]
    """Every seat's report of that generation, also those that are the same."""


class Replayed(NamedTuple):
    """How a replay went: how many generations were executed, how many reports compared, and the first difference."""

    generations: int
    compared: int
    difference: Difference | None


def read_record(lines: Iterable[str | bytes]) -> Record:
    """The record that JSON lines spell; empty ones do not count.

    Raises:
        BadRecord: They spell none; the message names the line.
    """
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                reader.read(msgspec.json.decode(line))
            except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
                raise BadRecord(f"line {number}: not an event of a room's record: {error!r}") from None
            except BadRecord as error:
                raise BadRecord(f"line {number}: {error}") from None
    if reader.setup is None:
        raise BadRecord("an empty record")
    return Record(reader.setup, tuple(reader.turns), reader.reports)


class _Reader:
    """A record as far as it was read; `setup` is None before its first line."""

    def __init__(self) -> None:
        self.setup: Setup | None = None
        self.turns: list[Turn] = []
        self.reports: dict[int, dict[int, str]] = defaultdict(dict)
        self._iterations = 1
        self._is_setup = True

    def read(self, event: Mapping[str, Any]) -> None:
        kind = event["kind"]
        if kind == "created":
            self.setup = Setup(engine=event["engine"], seed=event["seed"], config={}, members=())
        elif self.setup is None:
            raise BadRecord("a record begins with the room's creation")
        elif kind == "packet":
            self._iterations = event["iterations"] or self._iterations
            self.turns.append(_turn(event, self._iterations, expected=len(self.turns) + 1))
        elif kind == "reported" and event["checked"] is not None:
            self.reports[event["checked"]][event["seat"]] = event["hash"]
        elif kind == "moved":
            self._is_setup = event["state"].startswith("setup")
        else:
            self.setup = _followed(self.setup, event, is_setup=self._is_setup)


def _turn(event: Mapping[str, Any], iterations: int, *, expected: int) -> Turn:
    if event["generation"] != expected:
        raise BadRecord(f"packet {expected} is missing")
    return Turn(expected, Commands(tuple(event["commands"]), iterations))


def _followed(setup: Setup, event: Mapping[str, Any], *, is_setup: bool) -> Setup:
    """The setup after an event of the time before the game."""
    match event["kind"]:
        case "configured":
            return replace(setup, config=event["config"])
        case "joined":
            return replace(setup, members=seated(setup.members, event["seat"], event["name"]))
        case "left" if is_setup:
            return replace(setup, members=seated(setup.members, event["seat"], None))
    return setup


def replay(
    record: Record,
    state: S,
    step: Callable[[S, int, Commands], S],
    digest: Callable[[S], Hashed],
) -> Replayed:
    """Execute a record, and compare every hash that was reported, up to the first difference.

    Args:
        record: The room.
        state: The game before its first generation: what follows from `record.setup`.
        step: The function that the players ran.
        digest: The hash function that the players ran.
    """
    compared = 0
    difference, count = _compared(record, 0, state, digest)
    for turn in record.turns:
        compared += count
        if difference is not None:
            return Replayed(turn.generation - 1, compared, difference)
        state = step(state, turn.generation, turn.commands)
        difference, count = _compared(record, turn.generation, state, digest)
    return Replayed(len(record.turns), compared + count, difference)


def _compared(
    record: Record, generation: int, state: S, digest: Callable[[S], Hashed]
) -> tuple[Difference | None, int]:
    """The difference after a generation, if there is one, and how many reports were compared."""
    reported = record.reports.get(generation)
    if not reported:
        return None, 0
    own = hash_text(digest(state))
    is_same = all(one == own for one in reported.values())
    return None if is_same else Difference(generation, own, reported), len(reported)
