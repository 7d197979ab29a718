"""Shapes of load over time: how many players there should be, as pure functions of the time.

For locust, which asks once a second.
"""

from collections.abc import Callable

STEPS = 10
"""Steps of a ramp."""

CALM = 0.25
"""The part of all players that play while a spike is not there."""


def steady(_part: float) -> float:
    """All players, all the time."""
    return 1.0


def ramp(part: float) -> float:
    """More and more players, in equal steps: the last tenth of the time sees all."""
    return (min(int(part * STEPS), STEPS - 1) + 1) / STEPS


def spike(part: float) -> float:
    """A quarter of all players; in the middle fifth of the time suddenly all."""
    return 1.0 if 0.4 <= part < 0.6 else CALM


TABLE: dict[str, Callable[[float], float]] = {"steady": steady, "ramp": ramp, "spike": spike}
"""Each shape gives the part of all players (0 to 1) at a part of the time (0 to 1)."""


def players_at(shape: str, elapsed_s: float, *, players: int, period_s: float) -> int:
    """How many players there should be; at least 2, so that somebody can play.

    Args:
        shape: A name of `TABLE`.
        elapsed_s: Since the beginning; after `period_s` the shape begins again.
        players: All players.
        period_s: How long the shape lasts.
    """
    return max(2, round(players * TABLE[shape](elapsed_s % period_s / period_s)))
