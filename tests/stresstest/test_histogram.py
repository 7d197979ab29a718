import random

import pytest

from stresstest.histogram import LARGEST_US, Histogram, bounds_us, bucket, merged


def histogram(*latencies_us: int) -> Histogram:
    counted = Histogram()
    for us in latencies_us:
        counted.add(us)
    return counted


def test_every_latency_lies_in_its_bucket_and_buckets_have_no_gaps() -> None:
    latencies = [*range(10_000), *(LARGEST_US >> shift for shift in range(18))]

    assert all(bounds_us(bucket(us))[0] <= us < bounds_us(bucket(us))[1] for us in latencies)
    assert {bucket(us) for us in range(10_000)} == set(range(bucket(9_999) + 1))


def test_a_bucket_is_at_most_a_64th_wider_than_where_it_begins() -> None:
    wide = [index for index in range(128, bucket(LARGEST_US)) if (b := bounds_us(index))[1] - b[0] > b[0] / 64]

    assert wide == []


@pytest.mark.parametrize("percent", [0, 50, 95, 99, 99.9, 100])
def test_percentiles_are_within_one_percent_of_the_sorted_list(percent: float) -> None:
    chance = random.Random(7)
    latencies = sorted(round(chance.lognormvariate(8, 2)) for _ in range(5_000))
    true = latencies[max(0, -int(-len(latencies) * percent // 100) - 1)]

    assert histogram(*latencies).percentile_us(percent) == pytest.approx(true, rel=0.01)


def test_count_mean_and_extremes_are_exact() -> None:
    counted = histogram(1_003, 7, 123_457)

    assert (counted.count, counted.min_us, counted.max_us) == (3, 7, 123_457)
    assert counted.mean_us == pytest.approx((1_003 + 7 + 123_457) / 3)


def test_merged_histograms_are_as_if_counted_together() -> None:
    assert merged([histogram(1, 500), histogram(70_000), Histogram()]) == histogram(1, 500, 70_000)


def test_an_empty_histogram_says_zero() -> None:
    assert (Histogram().mean_us, Histogram().percentile_us(99)) == (0, 0)


def test_memory_is_bounded_whatever_comes() -> None:
    assert bucket(LARGEST_US) < 1664
    assert histogram(10**15).max_us == LARGEST_US
