"""Durations in buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.histogram import BOUNDS_S, Histogram, quantile_s


def of(*durations: float) -> Histogram:
    histogram = Histogram()
    for seconds in durations:
        histogram.add(seconds)
    return histogram


def test_a_duration_falls_into_the_first_bucket_whose_bound_it_does_not_exceed() -> None:
    histogram = of(0.001, 0.0011, 11)

    assert dict(histogram.cumulative)["0.0005"] == 0
    assert dict(histogram.cumulative)["0.001"] == 1
    assert dict(histogram.cumulative)["0.0025"] == 2
    assert dict(histogram.cumulative)["10.0"] == 2
    assert histogram.cumulative[-1] == ("+Inf", 3)
    assert histogram.sum_s == pytest.approx(11.0021)


def test_nothing_counted_has_no_quantile() -> None:
    assert quantile_s(Histogram().counts, 0.99) == 0


def test_what_lasts_longer_than_all_bounds_reads_as_the_largest() -> None:
    assert quantile_s(of(60, 60).counts, 0.5) == BOUNDS_S[-1]


def test_a_quantile_is_interpolated_within_its_bucket() -> None:
    assert quantile_s(of(*[0.002] * 4).counts, 0.5) == pytest.approx(0.00175)


@given(st.lists(st.floats(0, BOUNDS_S[-1]), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_in_the_bucket_of_the_duration_that_it_stands_for(durations: list[float], share: float) -> None:
    wanted = sorted(durations)[max(0, -int(-share * len(durations) // 1) - 1)]
    upper = next(bound for bound in BOUNDS_S if wanted <= bound)
    lower = max((bound for bound in BOUNDS_S if bound < upper), default=0)

    assert lower <= quantile_s(of(*durations).counts, share) <= upper


@given(st.lists(st.floats(0, 20), min_size=1))
def test_quantiles_rise_with_the_share(durations: list[float]) -> None:
    counts = of(*durations).counts
    quantiles = [quantile_s(counts, share / 20) for share in range(21)]

    assert quantiles == sorted(quantiles)
