"""Plots as SVG, made on the server: no script, no style but the console's own sheet, nothing from elsewhere.

Source: docs/console.md, "Usage".
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from turnserver.service.figures import Sample

WIDTH, HEIGHT = 720, 220
"""The size of a plot in its own units; the page scales it."""

LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 28
"""The margins, in which the numbers stand."""

STEPS = 4
"""About how many lines a scale has."""


class Series(NamedTuple):
    """A line: its name, and its values, one for each sample."""

    name: str
    values: Sequence[float]


class Plot(NamedTuple):
    """What a plot shows; `unit` is said in its title."""

    title: str
    unit: str
    series: Sequence[Series]


class Line(NamedTuple):
    """A line to be drawn: its points as SVG takes them, and its newest and largest value as text."""

    name: str
    points: str
    latest: str
    most: str


class Mark(NamedTuple):
    """A place on a scale, and what stands there."""

    at: float
    text: str


class Drawing(NamedTuple):
    """A plot ready for the template. `words` says for who cannot see it what the lines show."""

    title: str
    unit: str
    lines: Sequence[Line]
    levels: Sequence[Mark]
    times: Sequence[Mark]
    words: str


def plots_of(samples: Sequence[Sample]) -> list[Plot]:
    """What the usage page plots, from samples, the oldest first."""

    def of(name: str) -> Series:
        return Series(name, [getattr(sample, name) for sample in samples])

    def rate(name: str, label: str) -> Series:
        return Series(label, [getattr(sample, name) / (sample.span_s or 1) for sample in samples])

    def ms(name: str, label: str) -> Series:
        return Series(label, [1000 * getattr(sample, name) for sample in samples])

    return [
        Plot("Players, matches and rooms", "at the time", [of("players"), of("matches"), of("rooms"), of("sessions")]),
        Plot("Requests", "a second", [rate("requests", "requests"), rate("messages", "messages relayed")]),
        Plot("Latency", "ms", [ms("median_s", "median"), ms("p95_s", "95 %"), ms("p99_s", "99 %")]),
        Plot("Errors", "a second", [rate("errors", "errors")]),
        Plot("Commands used", "a second", _commands(samples)),
        Plot("Traffic", "bytes a second", [rate("received_bytes", "received"), rate("sent_bytes", "sent")]),
        Plot("Event loop late by", "ms", [ms("lag_s", "at worst")]),
        Plot("Requests held", "at the time", [of("held")]),
    ]


SMALLEST = 1e-6
"""What is less is drawn as 0."""

COMMANDS_MAX = 5
"""Of so many commands, the most used, the plot has a line each."""


def totals(samples: Sequence[Sample]) -> list[tuple[str, int]]:
    """How often each command was used, the most used first."""
    counts: dict[str, int] = {}
    for sample in samples:
        for name, count in sample.commands.items():
            counts[name] = counts.get(name, 0) + count
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _commands(samples: Sequence[Sample]) -> list[Series]:
    names = [name for name, _count in totals(samples)[:COMMANDS_MAX]]
    return [Series(name, [one.commands.get(name, 0) / (one.span_s or 1) for one in samples]) for name in names]


def drawn(plot: Plot, at_s: Sequence[float], clock: Callable[[float], str]) -> Drawing:
    """A plot as lines and marks in its own units.

    Args:
        plot: The values, as many in each series as there are times.
        at_s: The times, Unix seconds, rising.
        clock: A time as text.
    """
    top = scale_of(max((max(series.values, default=0) for series in plot.series), default=0))
    first, last = (at_s[0], at_s[-1]) if at_s else (0.0, 0.0)
    lines = [
        Line(
            series.name,
            " ".join(
                f"{_x(at, first, last):.1f},{_y(value, top):.1f}" for at, value in zip(at_s, series.values, strict=True)
            ),
            number(series.values[-1] if series.values else 0),
            number(max(series.values, default=0)),
        )
        for series in plot.series
    ]
    levels = [Mark(_y(top * step / STEPS, top), number(top * step / STEPS)) for step in range(STEPS + 1)]
    times = [Mark(_x(at, first, last), clock(at)) for at in _moments(first, last)]
    words = "; ".join(f"{line.name}: {line.latest} now, {line.most} at most" for line in lines)
    return Drawing(plot.title, plot.unit, lines, levels, times, words)


def scale_of(most: float) -> float:
    """The upper end of a scale for values up to `most`: 1, 2, 4, 5 or 10 times a power of ten; 1 where all are as 0."""
    if most < SMALLEST:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 4, 5, 10, 20) if step * power >= most)


def number(value: float) -> str:
    """A value as people read it, in three digits or so: 12, 0.35, 4.5k, 2M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            unit = 1e3 if letter == "k" else size
            return f"{value / unit:.3g}{letter}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _moments(first: float, last: float) -> list[float]:
    return [first + (last - first) * step / STEPS for step in range(STEPS + 1)] if last > first else [last]


def _x(at: float, first: float, last: float) -> float:
    share = (at - first) / (last - first) if last > first else 1.0
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)
