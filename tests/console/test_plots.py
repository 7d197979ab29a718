import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from turnserver.console.plots import (
    BOTTOM,
    COMMANDS_MAX,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Plot,
    Series,
    drawn,
    number,
    plots_of,
    scale_of,
    totals,
)
from turnserver.service.figures import Sample

QUIET = Sample(10, 10, 1, 2, 3, 4, 0, 100, 0, 50, 10, 20, 0.001, 0.002, 0.003, 0.5, {"GAME_UPDATE": 90, "REGISTER": 10})


def clock(at_s: float) -> str:
    return f"{at_s:g}"


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (0.3, 0.4), (1, 1), (1.5, 2), (3, 4), (4.5, 5), (7, 10), (11, 20), (99, 100)]
)
def test_a_scale_ends_at_a_round_number(most: float, top: float) -> None:
    assert scale_of(most) == pytest.approx(top)


@given(st.floats(0, 1e15))
def test_every_value_is_on_its_scale(value: float) -> None:
    top = scale_of(value)

    assert value <= top
    assert top == 1 or top <= 10 * value * 1.0001


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.25, "0.25"), (12, "12"), (1234, "1234"), (45_000, "45k"), (2e6, "2M"), (3e9, "3G")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_a_plot_fills_its_frame() -> None:
    drawing = drawn(Plot("t", "u", [Series("a", [0, 4, 2])]), [10, 20, 30], clock)
    (line,) = drawing.lines
    points = [tuple(map(float, point.split(","))) for point in line.points.split()]

    assert points == [
        (LEFT, HEIGHT - BOTTOM),
        (LEFT + (WIDTH - LEFT - RIGHT) / 2, TOP),
        (WIDTH - RIGHT, (HEIGHT - BOTTOM + TOP) / 2),
    ]
    assert (line.latest, line.most) == ("2", "4")
    assert [mark.text for mark in drawing.levels] == ["0", "1", "2", "3", "4"]
    assert [mark.text for mark in drawing.times] == ["10", "15", "20", "25", "30"]
    assert drawing.words == "a: 2 now, 4 at most"


def test_one_sample_and_none_can_be_drawn() -> None:
    assert drawn(Plot("t", "u", [Series("a", [3])]), [10], clock).lines[0].latest == "3"
    assert drawn(Plot("t", "u", [Series("a", [])]), [], clock).lines[0].points == ""


def test_what_is_counted_is_plotted_by_the_second_and_times_as_milliseconds() -> None:
    plots = {plot.title: {series.name: list(series.values) for series in plot.series} for plot in plots_of([QUIET])}

    assert plots["Requests"] == {"requests": [10], "messages relayed": [5]}
    assert plots["Latency"] == {"median": [1], "95 %": [2], "99 %": [3]}
    assert plots["Commands used"] == {"GAME_UPDATE": [9], "REGISTER": [1]}
    assert plots["Players, matches and rooms"] == {"players": [1], "matches": [2], "rooms": [3], "sessions": [4]}


def test_a_sample_of_no_time_divides_by_nothing() -> None:
    assert plots_of([structs.replace(QUIET, span_s=0)])


def test_the_most_used_commands_have_a_line_each() -> None:
    many = structs.replace(QUIET, commands={f"C{index}": index for index in range(1, 9)})

    assert totals([many, many])[:2] == [("C8", 16), ("C7", 14)]
    assert len(plots_of([many])[4].series) == COMMANDS_MAX
