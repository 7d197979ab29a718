"""One simulated player, as every scenario sees it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from stresstest.checker import Verdict


class Ledger(Protocol):
    """Who writes down what a player finds."""

    def arrived(self, latency_s: float | None) -> None:
        """A message arrived, that long after it was due; None if two machines' clocks would be compared."""

    def settled(self, verdict: Verdict, *, is_whole: bool) -> None:
        """A game is over for this player; `is_whole` if it took its course to the end on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """What a player knows when it begins a game."""

    name: str
    host: str
    """Names the machine whose clock is `clock`."""
    rate: float
    """Messages a second that it sends; 0 for the next as soon as the reply to the last is there."""
    game_s: float
    """How long a game lasts, once play has begun."""
    size_bytes: int
    """The size of its messages."""
    is_exact: bool
    """Whether its counters are `n.r` or plain `n`."""
    clock: Callable[[], float]
    """Seconds; the same clock for all players of a machine."""
    is_over: Callable[[], bool]
    """True once it should come to an end."""
    chance: random.Random
    ledger: Ledger
