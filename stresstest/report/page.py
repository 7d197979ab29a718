"""The report: each plot as a PNG, and one HTML page that needs no other file."""

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from stresstest.campaign import Campaign, Ramp
from stresstest.report import tables
from stresstest.report.plots import Plot, plots
from stresstest.summary import Summary


def write(campaign: Campaign, directory: Path) -> None:
    """Write `report.html` and the plots into a directory, which is made if it is not there."""
    directory.mkdir(parents=True, exist_ok=True)
    images: list[tuple[Plot, bytes]] = []
    for plot in plots(campaign):
        image = _png(plot)
        (directory / f"{plot.name}.png").write_bytes(image)
        images.append((plot, image))
    (directory / "report.html").write_text(html(campaign, images), encoding="utf-8")


def html(campaign: Campaign, images: Sequence[tuple[Plot, bytes]]) -> str:
    """The page.

    Args:
        campaign: What is shown.
        images: The plots, each with its PNG.
    """
    shown = campaign.summary
    template = resources.files("stresstest.report").joinpath("page.html").read_text(encoding="utf-8")
    return Template(template).substitute(
        headline=escape(tables.headline(shown)),
        settings=escape(tables.settings(shown)),
        verdict="clean" if campaign.is_clean else "unclean",
        findings=_paragraphs(tables.findings(shown)),
        warnings=_paragraphs(tables.warnings(shown)),
        tiles=_tiles(shown),
        ramp=_ramp(campaign.ramp) if campaign.ramp else "",
        latency=_latency(shown),
        split=escape(tables.SPLIT_NOTE if shown.server_time else tables.NO_SPLIT_NOTE),
        codes=_codes(shown),
        plots="".join(_section(plot, image) for plot, image in images),
        machine=escape(", ".join(f"{name} {value}" for name, value in shown.machine.items())),
    )


def _png(plot: Plot) -> bytes:
    image = io.BytesIO()
    plot.figure.savefig(image, format="png", dpi=144)
    return image.getvalue()


def _section(plot: Plot, image: bytes) -> str:
    data = base64.b64encode(image).decode()
    return (
        f'<figure id="{plot.name}"><figcaption><h2>{escape(plot.title)}</h2><p>{escape(plot.words)}</p></figcaption>'
        f'<img alt="{escape(plot.title)}" src="data:image/png;base64,{data}"></figure>'
    )


def _tiles(shown: Summary) -> str:
    what, slowest = shown.slowest
    numbers = {
        "messages/s": f"{shown.messages_per_s:,.0f}",
        "requests/s": f"{shown.requests_per_s:,.0f}",
        f"median ({what})": f"{slowest.median_ms:,.2f} ms",
        f"p99 ({what})": f"{slowest.p99_ms:,.1f} ms",
        "lost, doubled, reordered": f"{shown.lost:,}, {shown.verdict.doubled:,}, {shown.verdict.reordered:,}",
        "players that met an error": f"{shown.players_with_errors:,} of {shown.players:,}",
    }
    return "".join(f"<div><b>{escape(value)}</b>{escape(name)}</div>" for name, value in numbers.items())


def _latency(shown: Summary) -> str:
    rows = [tables.cells(name, latency) for name, latency in tables.latency_rows(shown)]
    if shown.rest_ms is not None:
        mean, median = (f"{number:,.2f}" for number in shown.rest_ms)
        rows.append(("the rest", "", "", mean, median, "", "", ""))
    return _table(("milliseconds", "count", *tables.LATENCY_COLUMNS), rows)


def _codes(shown: Summary) -> str:
    rows = [(code.code, f"{code.count:,}", f"{code.unexpected:,}", code.words) for code in shown.codes]
    reasons = [(reason, f"{count:,}") for reason, count in shown.reasons.items()]
    table = _table(("code", "replies", "errors", "meaning"), rows)
    return table + (_table(("failure", "how often"), reasons) if reasons else "")


def _ramp(ramp: Ramp) -> str:
    header = ("players", "messages/s", "requests/s", "median ms", "p95 ms", "p99 ms", "errors", "client CPU", "held?")
    rows = [tables.stage_cells(stage, ramp.target) for stage in ramp.stages]
    held = f"<p>{escape(tables.hold_result(ramp.held, ramp.target))}</p>" if ramp.held else ""
    return (
        f'<section class="wide ramp"><h2>Ramp</h2><p>{escape(tables.ramp_result(ramp.stages, ramp.target))}</p>{held}'
        f"{_table(header, rows)}</section>"
    )


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
