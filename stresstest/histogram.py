"""Latencies in bounded memory: a log-linear histogram, as HdrHistogram's.

Up to 127 µs each microsecond has a bucket of its own; above, each power of two is cut into 64 buckets. A bucket is at
most 1/64 wider than where it begins and is read at its middle: any percentile is within 0.8 % of the true value.
Count, sum, minimum and maximum are exact. At most 1,664 buckets exist, and only those that were hit take memory.
"""

from collections.abc import Iterable

import msgspec

LARGEST_US = (1 << 31) - 1
"""36 minutes: what takes longer is counted as this."""

_BITS = 7


class Histogram(msgspec.Struct):
    """How often which latency was seen, in microseconds."""

    counts: dict[int, int] = {}
    count: int = 0
    total_us: int = 0
    min_us: int = LARGEST_US
    max_us: int = 0

    def add(self, us: int) -> None:
        """Count one latency."""
        us = min(us, LARGEST_US)
        index = bucket(us)
        self.counts[index] = self.counts.get(index, 0) + 1
        self.count += 1
        self.total_us += us
        self.min_us = min(self.min_us, us)
        self.max_us = max(self.max_us, us)

    def merge(self, other: "Histogram") -> None:
        """Count all that `other` has counted."""
        for index, count in other.counts.items():
            self.counts[index] = self.counts.get(index, 0) + count
        self.count += other.count
        self.total_us += other.total_us
        self.min_us = min(self.min_us, other.min_us)
        self.max_us = max(self.max_us, other.max_us)

    @property
    def mean_us(self) -> float:
        """The mean; 0 if nothing was counted."""
        return self.total_us / self.count if self.count else 0.0

    def percentile_us(self, percent: float) -> float:
        """The smallest latency that `percent` of 100 were not above; 0 if nothing was counted."""
        wanted = self.count * percent / 100
        seen = 0
        for index in sorted(self.counts):
            seen += self.counts[index]
            if seen >= wanted:
                return min(max(middle_us(index), self.min_us), self.max_us)
        return 0.0


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """One histogram of all."""
    whole = Histogram()
    for histogram in histograms:
        whole.merge(histogram)
    return whole


def bucket(us: int) -> int:
    """The index of the bucket of a latency; indexes rise with latency, without gaps."""
    shift = max(0, us.bit_length() - _BITS)
    return (shift << (_BITS - 1)) + (us >> shift)


def bounds_us(index: int) -> tuple[int, int]:
    """Where a bucket begins, and where the next one does."""
    shift = max(0, (index >> (_BITS - 1)) - 1)
    begins = (index - (shift << (_BITS - 1))) << shift
    return begins, begins + (1 << shift)


def middle_us(index: int) -> float:
    """What a bucket is read as."""
    begins, ends = bounds_us(index)
    return (begins + ends - 1) / 2
