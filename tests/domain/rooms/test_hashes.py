from collections.abc import Sequence

import pytest

from turnserver.domain.rooms.documents import REPORTS, Report, packed
from turnserver.domain.rooms.hashes import REPORTS_KEPT, STRAY_REPORTS, Agreed, compare
from turnserver.messages.items import Diverged
from turnserver.partition import EMPTY, View

Told = Sequence[tuple[int | None, str]]


def room(*seats: Told) -> View:
    """A room in which the seats have reported these generations and hashes, oldest first."""
    streams = {
        REPORTS[seat]: EMPTY.appended([packed(Report(0, 1, checked, told, None, None)) for checked, told in reports])
        for seat, reports in enumerate(seats)
    }
    return View({}, streams, 0, 0)


def test_a_generation_is_decided_when_all_have_reported_it() -> None:
    assert compare(room([(5, "a")], [(4, "a")]), [0, 1], after=-1) is None
    assert compare(room([(5, "a")], []), [0, 1], after=-1) is None
    assert compare(room([(5, "a")], [(4, "x"), (5, "a")]), [0, 1], after=-1) == Agreed(5, "a")


def test_the_newest_agreement_counts() -> None:
    reports = [(4, "a"), (5, "b"), (6, "c")]

    assert compare(room(reports, reports[:2]), [0, 1], after=-1) == Agreed(5, "b")
    assert compare(room(reports, reports[:2]), [0, 1], after=5) is None


def test_only_the_seats_that_count_are_compared() -> None:
    view = room([(5, "a")], [(5, "b")], [(5, "a")])

    assert compare(view, [0, 2], after=-1) == Agreed(5, "a")
    assert compare(view, [], after=-1) is None


@pytest.mark.parametrize(
    ("hashes", "minority"),
    [
        ("ab", ()),
        ("aab", (2,)),
        ("aba", (1,)),
        ("abc", ()),
        ("aabb", ()),
        ("aabc", ()),
        ("aaabc", (3, 4)),
        ("baaaaaaa", (0,)),
    ],
)
def test_where_more_than_half_agree_the_others_diverged_and_elsewhere_nobody_is_blamed(
    hashes: str, minority: tuple[int, ...]
) -> None:
    seats = list(range(len(hashes)))

    found = compare(room(*([(7, one)] for one in hashes)), seats, after=-1)

    assert found == Diverged(7, minority, tuple(enumerate(hashes)), ())


def test_the_first_divergence_is_the_one_that_is_told() -> None:
    view = room([(4, "a"), (5, "b"), (6, "c")], [(6, "x"), (5, "y"), (4, "a")])

    assert compare(view, [0, 1], after=-1) == Diverged(5, (), ((0, "b"), (1, "y")), ())


@pytest.mark.parametrize(
    ("first", "second", "parts"),
    [
        ("units=1&map=2", "units=1&map=3", ("map",)),
        ("units=1&map=2", "units=2&map=3", ("units", "map")),
        ("units=1", "units=1&map=3", ("map",)),
        ("units=1&map=2", "12", ()),
        ("units=1&map=", "units=1&map=3", ("map",)),
        ("=1", "=2", ()),
    ],
)
def test_parts_that_differ_are_named_where_all_hashes_have_parts(
    first: str, second: str, parts: tuple[str, ...]
) -> None:
    found = compare(room([(7, first)], [(7, second)]), [0, 1], after=-1)

    assert isinstance(found, Diverged)
    assert found.parts == parts


def test_a_later_report_of_a_generation_counts_in_place_of_an_earlier() -> None:
    assert compare(room([(5, "a"), (5, "b")], [(5, "b")]), [0, 1], after=-1) == Agreed(5, "b")


def test_reports_without_a_hash_are_passed_over() -> None:
    assert compare(room([(5, "a"), (None, "")], [(None, ""), (5, "a")]), [0, 1], after=-1) == Agreed(5, "a")


def test_reports_in_a_wrong_order_are_found() -> None:
    late = [(9, "c"), *((3, "x") for _ in range(STRAY_REPORTS))]

    assert compare(room(late, [(9, "d")]), [0, 1], after=5) == Diverged(9, (), ((0, "c"), (1, "d")), ())
    assert compare(room([*late, (3, "x")], [(9, "d")]), [0, 1], after=5) is None


def test_only_the_latest_reports_are_looked_at() -> None:
    long_ago = [(0, "a"), *((generation, "") for generation in range(1, REPORTS_KEPT + 1))]

    assert compare(room(long_ago, [(0, "b")]), [0, 1], after=-1) is None
    assert compare(room(long_ago[:-1], [(0, "b")]), [0, 1], after=-1) is not None
