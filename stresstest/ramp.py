"""The ramp: which load to try next, until the largest that is held is known to a tenth.

First the number of players doubles while the target is held; then the gap between the largest load held and the
smallest that was not is halved.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

STAGES_MAX = 20
"""Loads that are tried at most: enough to double from 1 to 10,000 and to halve the gap down to a tenth."""

PRECISION = 0.1
"""The gap that is left, as a part of the largest load held."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a load must keep to count as held. Whatever it is: nothing may be lost, doubled or reordered."""

    p99_ms: Annotated[float, Meta(gt=0)] = 100.0
    """99 of 100 requests take no longer, and of turns, lines of chat and messages to an inbox neither."""
    errors: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """The part of all requests that may be answered unexpectedly, or not at all."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One load that was tried."""

    players: int
    requests_per_s: float
    messages_per_s: float
    slowest: str
    """What has the highest p99, and the next three numbers: requests, or what players wait for."""
    median_ms: float
    p95_ms: float
    p99_ms: float
    errors: float
    """As in `Target`."""
    is_clean: bool
    """Nothing was lost, doubled, reordered or altered, and something was delivered."""
    client_cpu: float
    """The largest part of one core that a process of the stress test itself used."""

    def misses(self, target: Target) -> list[str]:
        """What of the target was missed, each in a few words; nothing if the load was held."""
        found = []
        if not self.is_clean:
            found.append("deliveries")
        if self.p99_ms > target.p99_ms:
            found.append(f"p99 {self.p99_ms:.1f} ms")
        if self.errors > target.errors:
            found.append(f"errors {self.errors:.2%}")
        return found


def next_players(stages: Sequence[Stage], target: Target, *, first: int, most: int) -> int | None:
    """The load to try next, or None once the answer is known.

    Args:
        stages: What was tried so far.
        target: What must be held.
        first: Where to begin.
        most: Never more than this.
    """
    if not stages:
        return first
    missed = [stage.players for stage in stages if stage.misses(target)]
    largest = held_players(stages, target)
    if len(stages) >= STAGES_MAX or largest >= most:
        return None
    if not missed:
        return min(2 * largest, most)
    smallest_missed = min(missed)
    middle = (largest + smallest_missed) // 4 * 2  # even: two make a game
    is_known = smallest_missed - largest <= max(2, largest * PRECISION)
    return None if is_known or middle <= largest else middle


def held_players(stages: Sequence[Stage], target: Target) -> int:
    """The largest load held that is below every load that was not; 0 if there is none."""
    missed = [stage.players for stage in stages if stage.misses(target)]
    bound = min(missed, default=None)
    held = [stage.players for stage in stages if not stage.misses(target)]
    return max((players for players in held if bound is None or players < bound), default=0)
