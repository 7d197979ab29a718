"""Durations counted in fixed buckets, as Prometheus counts them."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

BOUNDS_S = (
    *(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005),
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0),
)
"""Upper bounds of the buckets, in seconds; one more bucket takes what lasts longer."""


class Histogram:
    """How many durations fell into which bucket since the server started."""

    __slots__ = ("counts", "sum_s")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        """By bucket, not added up."""
        self.sum_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += seconds

    @property
    def cumulative(self) -> list[tuple[str, int]]:
        """Each bucket's upper bound, as Prometheus writes it, with how many durations were not above it."""
        return list(zip([*map(str, BOUNDS_S), "+Inf"], accumulate(self.counts), strict=True))


def quantile_s(counts: Sequence[int], share: float) -> float:
    """A duration that about `share` of the counted ones were not above.

    Args:
        counts: As many as there are buckets, not added up.
        share: 0 to 1; 0.5 is the median.

    Returns:
        Seconds, interpolated within the bucket; the largest bound where it is above; 0 if nothing was counted.
    """
    wanted = share * sum(counts)
    seen, lower = 0, 0.0
    for upper, count in zip(BOUNDS_S, counts, strict=False):
        if count and seen + count >= wanted:
            return lower + (upper - lower) * (wanted - seen) / count
        seen, lower = seen + count, upper
    return lower if any(counts) else 0.0
