"""A bad network, on purpose: what happens to each post, decided from a seed."""

import random
from typing import NamedTuple


class Fate(NamedTuple):
    """What happens to one post."""

    delay_s: float = 0.0
    """How long it takes before it leaves."""
    loses_request: bool = False
    """It never reaches the server."""
    loses_reply: bool = False
    """The server answers, and nobody hears it."""
    copy_after_s: float | None = None
    """When a second copy leaves, after the first, on a connection of its own; None if there is none."""


GOOD = Fate()
COPY_S_MAX = 0.5
"""The latest that a copy leaves after the original, if no longer delay is asked for: late enough to be overtaken."""


class Network:
    """Decides on fates.

    Args:
        drop: The chance that a request is lost; of those that arrive, the same chance that the reply is.
        duplicate: The chance that a request arrives twice.
        delay_ms: The longest time that a request may take to leave.
        seed: The same seed gives the same fates in the same order.
    """

    def __init__(self, *, drop: float, duplicate: float, delay_ms: float, seed: str) -> None:
        self._drop = drop
        self._duplicate = duplicate
        self._delay_s = delay_ms / 1000
        self._chance = random.Random(seed)  # noqa: S311  # no secret depends on it

    @property
    def is_good(self) -> bool:
        """True if nothing ever happens."""
        return not (self._drop or self._duplicate or self._delay_s)

    def fate(self) -> Fate:
        """What happens to the next post. Five numbers are drawn each time, so that no option moves another's chance."""
        draws = [self._chance.random() for _ in range(5)]
        loses_request = draws[0] < self._drop
        copy_s_max = max(COPY_S_MAX, self._delay_s)
        return Fate(
            delay_s=draws[1] * self._delay_s,
            loses_request=loses_request,
            loses_reply=not loses_request and draws[2] < self._drop,
            copy_after_s=draws[3] * copy_s_max if draws[4] < self._duplicate else None,
        )
