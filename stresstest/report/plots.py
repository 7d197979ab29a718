"""The plots: each a function from what was recorded to a figure.

Colours are Okabe and Ito's, which the colour-blind can tell apart; the red of errors is used for nothing else.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from stresstest.campaign import Campaign, Ramp
from stresstest.histogram import Histogram, bounds_us, merged, middle_us
from stresstest.record import Record
from stresstest.scenarios.player import WAYS
from stresstest.steps import is_held

STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#8a8f98",
    "axes.grid": True,
    "axes.labelcolor": "#3b4048",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "figure.dpi": 110,
    "font.size": 10,
    "grid.color": "#e6e8eb",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "xtick.color": "#3b4048",
    "ytick.color": "#3b4048",
}
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d31", "#777777", "#b8a400", "#5b4b9a", "#2f2f2f")
LIGHTER = ("#7fb8d8", "#f2cf7f", "#7fceb9", "#e5bcd3", "#aad9f4", "#c5b698", "#bbbbbb", "#dbd17f", "#ada5cc", "#979797")
"""For the eleventh and more of a mixed load."""
ERROR = "#d0021b"
PERCENTILES = (50.0, 95.0, 99.0)


class Plot(NamedTuple):
    """One plot of the report."""

    name: str
    """The file's name without `.png`."""
    title: str
    words: str
    """How to read it."""
    figure: Figure


def plots(campaign: Campaign) -> list[Plot]:
    """All plots that there is something to show on."""
    with mpl.rc_context(STYLE):
        return list(_plots(campaign))


def _plots(campaign: Campaign) -> Iterator[Plot]:
    record = campaign.record
    if campaign.ramp is not None:
        yield Plot(
            "ramp",
            "Largest load held",
            "Each dot is a run of its own. Hollow red ones missed the target.",
            _ramp(campaign.ramp),
        )
    for plot in _OVER_THE_RUN:
        yield Plot(plot.name, plot.title, plot.words, plot.draw(record))


def _throughput(record: Record) -> Figure:
    figure, (upper, lower) = _figure(rows=2)
    times = _times(record)
    requests = [sum(h.count for h in slot.requests.values()) / record.slot_s for slot in record.slots]
    upper.plot(times, requests, color=COLOURS[0], label="requests/s")
    upper.plot(times, [slot.delivered / record.slot_s for slot in record.slots], color=COLOURS[2], label="messages/s")
    upper.set_ylim(bottom=0)
    upper.legend(loc="lower center", ncols=2)
    lower.plot(times, [slot.playing for slot in record.slots], color=COLOURS[6], label="players")
    lower.plot(times, [slot.errors / record.slot_s for slot in record.slots], color=ERROR, label="errors/s")
    lower.set_ylim(bottom=0)
    lower.legend(loc="lower center", ncols=2)
    _over_time(lower, "")
    return figure


def _latency_over_time(record: Record) -> Figure:
    figure, (axes,) = _figure()
    slots = [merged(one for row, one in slot.requests.items() if not is_held(row)) for slot in record.slots]
    times = _times(record)
    for percent, colour in zip(PERCENTILES, COLOURS, strict=False):
        axes.plot(times, _gaps(slots, percent), ".-", color=colour, label=_name(percent), markersize=4)
    server = [slot.server for slot in record.slots]
    if any(one.count for one in server):
        axes.plot(times, _gaps(server, 50), color=COLOURS[6], linestyle=":", label="server time, sampled: median")
    _logarithmic(axes, "y")
    _legend_below(axes, ncols=4)
    _over_time(axes, "milliseconds")
    return figure


def _felt_over_time(record: Record) -> Figure:
    kinds = record.kinds()
    figure, (axes,) = _figure()
    for kind, colour in _coloured(kinds):
        histograms = [slot.ways.get(kind, Histogram()) for slot in record.slots]
        axes.plot(_times(record), _gaps(histograms, 50), ".-", color=colour, label=WAYS[kind], markersize=4)
        axes.plot(_times(record), _gaps(histograms, 99), "--", color=colour, linewidth=1.2)
    _logarithmic(axes, "y")
    _legend_below(axes, ncols=3)
    _over_time(axes, "milliseconds")
    return figure


def _symbols_over_time(record: Record) -> Figure:
    figure, panels = _figure(rows=2)
    for axes, percent in zip(panels, (50.0, 99.0), strict=True):
        for symbol, colour in _coloured(record.symbols()):
            values = _gaps([slot.requests.get(symbol, Histogram()) for slot in record.slots], percent)
            axes.plot(_times(record), values, ".-", color=colour, label=symbol, markersize=4, linewidth=1.2)
        _logarithmic(axes, "y")
        axes.set_ylabel(f"{_name(percent)}, ms")
    _legend_below(panels[1], ncols=4, away=0.22)
    _over_time(panels[1], panels[1].get_ylabel())
    return figure


def _histograms(record: Record) -> Figure:
    symbols = record.symbols()
    figure, panels = _figure(rows=len(symbols), height=0.9 * len(symbols) + 0.8)
    for axes, (symbol, colour) in zip(panels, _coloured(symbols), strict=True):
        latency = record.latency(symbol)
        edges, shares = _shares(latency)
        axes.stairs(shares, edges, color=colour, alpha=0.75, fill=True)
        axes.set_ylim(bottom=0)
        axes.set_yticks([])
        axes.set_ylabel(f"{symbol}\n({latency.count:,})", rotation=0, ha="right", va="center")
        axes.spines["left"].set_visible(False)
        _logarithmic(axes, "x")
    panels[-1].set_xlabel("milliseconds")
    return figure


def _percentiles(record: Record) -> Figure:
    figure, (axes,) = _figure(height=3.9 + 0.06 * len(record.symbols()))
    for symbol, colour in _coloured(record.symbols()):
        _percentile_line(axes, record.latency(symbol), symbol, color=colour)
    for kind, colour in zip(record.kinds(), COLOURS[::-1], strict=False):
        _percentile_line(axes, record.way(kind), WAYS[kind], color=colour, linestyle="--")
    server = merged(slot.server for slot in record.slots)
    _percentile_line(axes, server, "server time, sampled", color=COLOURS[6], linestyle=":")
    axes.set_xscale("log")
    ticks = (50, 90, 99, 99.9, 99.99, 99.999)
    axes.set_xticks([1 / (1 - tick / 100) for tick in ticks], [f"{tick:g} %" for tick in ticks])
    axes.minorticks_off()
    _logarithmic(axes, "y")
    axes.set_xlabel("so many were at least as fast")
    axes.set_ylabel("milliseconds")
    _legend_below(axes, ncols=4, away=0.2)
    return figure


def _by_symbol(record: Record) -> Figure:
    symbols = record.symbols()[::-1]
    figure, (axes,) = _figure(height=0.55 * len(symbols) + 1.2)
    for row, symbol in enumerate(symbols):
        latency = record.latency(symbol)
        axes.hlines(row, latency.min_us / 1000, latency.max_us / 1000, color="#c4c8ce", linewidth=2, zorder=1)
        for percent, colour in zip(PERCENTILES, COLOURS, strict=False):
            label = _name(percent) if row == 0 else None
            axes.scatter(latency.percentile_us(percent) / 1000, row, color=colour, s=46, label=label, zorder=2)
        ends = [latency.min_us / 1000, latency.max_us / 1000]
        axes.scatter(ends, [row, row], color="#8a8f98", marker="|", s=90, label=None if row else "min, max")
    axes.set_yticks(range(len(symbols)), [f"{symbol}  ({record.latency(symbol).count:,})" for symbol in symbols])
    axes.set_ylim(-0.6, len(symbols) - 0.4)
    axes.grid(visible=False, axis="y")
    _logarithmic(axes, "x")
    axes.set_xlabel("milliseconds")
    axes.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def _codes_over_time(record: Record) -> Figure:
    figure, (upper, lower) = _figure(rows=2)
    times = _times(record)
    codes = list(record.codes())
    rates = {code: [slot.codes.get(code, 0) / record.slot_s for slot in record.slots] for code in codes}
    good = [code for code in codes if code.startswith("0/")]
    bad = [code for code in codes if code not in good]
    palette = [colour for _, colour in _coloured(good)]
    upper.stackplot(times, [rates[code] for code in good], labels=good, colors=palette, alpha=0.85)
    upper.set_ylabel("replies/s")
    upper.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, ncols=1 + len(good) // 13)
    reds = mpl.colormaps["autumn"]
    for index, code in enumerate(bad):
        lower.plot(times, rates[code], ".-", color=reds(index / max(1, len(bad))), label=code)
    lower.set_ylim(bottom=0, top=None if bad else 1)
    if bad:
        lower.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    else:
        lower.text(0.5, 0.5, "nothing was refused", transform=lower.transAxes, ha="center", color="#8a8f98")
    _over_time(lower, "refusals/s")
    return figure


def _ramp(ramp: Ramp) -> Figure:
    figure, (upper, lower) = _figure(rows=2)
    stages = sorted(ramp.stages, key=lambda stage: stage.players)
    players = [stage.players for stage in stages]
    upper.plot(players, [stage.messages_per_s for stage in stages], color=COLOURS[2], zorder=1)
    lower.plot(players, [stage.p99_ms for stage in stages], color=COLOURS[0], zorder=1, label="p99")
    lower.plot(players, [stage.median_ms for stage in stages], color=COLOURS[4], zorder=1, label="median")
    for stage in stages:
        edge, face = (ERROR, "white") if stage.misses(ramp.target) else (COLOURS[2], COLOURS[2])
        for axes, value in ((upper, stage.messages_per_s), (lower, stage.p99_ms)):
            axes.scatter(stage.players, value, s=44, zorder=2, edgecolors=edge, facecolors=face)
    lower.axhline(ramp.target.p99_ms, color=ERROR, linestyle="--", linewidth=1, label="target for p99")
    if ramp.held_players:
        for axes in (upper, lower):
            axes.axvline(ramp.held_players, color="#8a8f98", linestyle=":", linewidth=1.4)
        upper.set_title(f"held: {ramp.held_players:,} players", fontsize=10)
    upper.set_ylim(bottom=0)
    upper.set_ylabel("messages/s")
    _logarithmic(lower, "y")
    lower.set_ylabel("milliseconds")
    lower.set_xlabel("players")
    lower.legend()
    return figure


class _Drawn(NamedTuple):
    name: str
    title: str
    words: str
    draw: Callable[[Record], Figure]


_OVER_THE_RUN = (
    _Drawn(
        "throughput",
        "Throughput",
        "Requests and delivered messages; below, players and errors. The last slot of time is not a whole one.",
        _throughput,
    ),
    _Drawn(
        "latency-over-time",
        "Latency over time",
        "Percentiles of all requests that are not held. The dotted line is what the server says of its latest POST; "
        "what lies between is network, queues and the client.",
        _latency_over_time,
    ),
    _Drawn(
        "felt-over-time",
        "What players feel, over time",
        "From when something was due at its sender to its arrival: the median, and dashed the p99.",
        _felt_over_time,
    ),
    _Drawn("latency-percentiles", "Latency percentiles", "To the right: the slowest few.", _percentiles),
    _Drawn(
        "latency-histogram",
        "Latency histogram",
        "How often which latency was seen; each symbol in a scale of its own.",
        _histograms,
    ),
    _Drawn("latency-by-symbol", "Latency by symbol", "From the fastest to the slowest request.", _by_symbol),
    _Drawn("latency-by-symbol-over-time", "Latency by symbol, over time", "Median and p99.", _symbols_over_time),
    _Drawn(
        "codes-over-time",
        "Replies by code, over time",
        "What the server answered each second; refusals below, those that were expected (a full room, say) included.",
        _codes_over_time,
    ),
)


def _figure(*, rows: int = 1, height: float = 0.0) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(9, height or (3.9 if rows == 1 else 5.6)), layout="constrained")
    panels: Any = figure.subplots(rows, 1, sharex=rows > 1, squeeze=False)
    return figure, list(panels[:, 0])


def _times(record: Record) -> list[float]:
    return [(index + 0.5) * record.slot_s for index in range(len(record.slots))]


def _over_time(axes: Axes, label: str) -> None:
    axes.set_xlabel("seconds since the run began")
    axes.set_xlim(left=0)
    axes.set_ylabel(label)


def _logarithmic(axes: Axes, which: Literal["x", "y"]) -> None:
    """A logarithmic axis with plain numbers: 0.5, 10, 200."""
    axes.set(**{f"{which}scale": "log"})
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _name(percent: float) -> str:
    return "median" if percent == 50 else f"p{percent:g}"


def _gaps(histograms: list[Histogram], percent: float) -> list[float]:
    """Milliseconds; not a number where nothing was counted, which leaves a gap in a line."""
    return [one.percentile_us(percent) / 1000 if one.count else float("nan") for one in histograms]


def _coloured(names: list[str]) -> list[tuple[str, str]]:
    palette = COLOURS + LIGHTER
    return [(name, palette[index % len(palette)]) for index, name in enumerate(names)]


def _legend_below(axes: Axes, *, ncols: int, away: float = 0.14) -> None:
    axes.legend(ncols=ncols, loc="upper center", bbox_to_anchor=(0.5, -away), fontsize=9)


def _shares(histogram: Histogram) -> tuple[list[float], list[float]]:
    """Edges in milliseconds and the part of all that lies between, in eighths of a power of two."""
    parts: dict[int, int] = {}
    for index, count in histogram.counts.items():
        part = _eighth(bounds_us(index)[0])
        parts[part] = parts.get(part, 0) + count
    first, last = min(parts), max(parts)
    shares = [parts.get(part, 0) / histogram.count for part in range(first, last + 1)]
    return [2 ** (part / 8) / 1000 for part in range(first, last + 2)], shares


def _eighth(us: int) -> int:
    return math.floor(8 * math.log2(max(us, 1)))


def _percentile_line(axes: Axes, histogram: Histogram, label: str, **look: Any) -> None:
    """Latency by 1 / (1 - percentile): each step to the right is ten times rarer."""
    if not histogram.count:
        return
    rarities, milliseconds = [1.0], [histogram.min_us / 1000]
    seen = 0
    for index in sorted(histogram.counts):
        rarities.append(histogram.count / max(histogram.count - seen, 0.5))
        milliseconds.append(middle_us(index) / 1000)
        seen += histogram.counts[index]
    axes.plot(rarities, milliseconds, label=label, drawstyle="steps-post", **look)
