import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.wire.prefer import wait_s


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=20", 20),
        ("wait=0", 0),
        ("WAIT=20", 20),
        ("respond-async, wait=20", 20),
        ("respond-async,wait=20", 20),
        ("wait=20, respond-async", 20),
        ("wait=20; why=polling", 20),
        ("wait = 20", 20),
        ('wait="20"', 20),
        ("wait=5, wait=20", 5),
        ("wait=25", 25),
        ("wait=26", 25),
        ("wait=999999999999999", 25),
    ],
)
def test_the_prefer_header_names_seconds_up_to_the_longest_hold(prefer: str, seconds: float) -> None:
    assert wait_s(prefer, "", wait_s_max=25) == seconds


@pytest.mark.parametrize(
    ("query", "seconds"),
    [("wait=20", 20), ("wait=26", 25), ("a=1&wait=20", 20), ("wait=20&a=1", 20), ("wait=5&wait=20", 5)],
)
def test_the_query_names_seconds_where_headers_cannot_be_set(query: str, seconds: float) -> None:
    assert wait_s("", query, wait_s_max=25) == seconds


def test_the_query_wins_over_the_header() -> None:
    assert wait_s("wait=20", "wait=3", wait_s_max=25) == 3
    assert wait_s("wait=20", "wait=never", wait_s_max=25) == 0
    assert wait_s("wait=20", "other=3", wait_s_max=25) == 20


@pytest.mark.parametrize(
    "value",
    ["", "wait", "wait=", "wait=-1", "wait=+1", "wait=1.5", "wait=01", "wait=1s", "wait=\u0661", "await=20", "a=wait"],
)
def test_a_bad_or_missing_value_is_no_wait(value: str) -> None:
    assert wait_s(value, "", wait_s_max=25) == 0
    assert wait_s("", value, wait_s_max=25) == 0


@given(st.text(), st.text())
def test_any_header_and_query_give_a_wait_within_the_limit(prefer: str, query: str) -> None:
    assert 0 <= wait_s(prefer, query, wait_s_max=25) <= 25
