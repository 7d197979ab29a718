import pytest

from stresstest.shapes import players_at


@pytest.mark.parametrize(
    ("shape", "counts"),
    [
        ("steady", [100, 100, 100, 100, 100]),
        ("ramp", [10, 30, 60, 90, 100]),
        ("spike", [25, 25, 100, 25, 25]),
    ],
)
def test_each_shape_goes_its_way_over_the_period(shape: str, counts: list[int]) -> None:
    assert [players_at(shape, at_s, players=100, period_s=60) for at_s in (0, 15, 30, 48, 59)] == counts


def test_a_shape_begins_again_after_its_period() -> None:
    assert players_at("ramp", 60, players=100, period_s=60) == 10


def test_there_are_always_two_to_play() -> None:
    assert players_at("spike", 0, players=1, period_s=60) == 2
