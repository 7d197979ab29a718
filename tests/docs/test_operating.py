"""docs/operating.md and the code tell of the same metrics, events and settings."""

import re
from dataclasses import fields
from pathlib import Path

from tests.markdown import table
from tests.text_server import TextServer, finished
from turnserver.edge.metrics import Moment, families
from turnserver.events import Event
from turnserver.histogram import Histogram
from turnserver.protocol import answers
from turnserver.service import census as counting
from turnserver.service import figures
from turnserver.service.census import census
from turnserver.service.readiness import CHECK_S_MAX, DRAINING, STORE_DOWN
from turnserver.service.usage import BATCH, FAMILIES
from turnserver.settings import LogFormat, LogLevel, Settings
from turnserver.store.figures import JournalFigures

DOCUMENT = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    return table(DOCUMENT, heading)


def told() -> dict[str, tuple[str, set[str]]]:
    """The type and the labels of every metric of a server to which everything has happened, by name."""
    server = TextServer()
    server.game()
    usage = server.answering.usage
    usage.refused(answers.BAD_SYMBOL)
    usage.http[404] += 1
    usage.timed("relay", started_s=0, took_s=0.1)
    journal = JournalFigures(1, 1, 1, 1, 1, 1, is_failing=False, took=Histogram())
    moment = Moment(usage, Histogram(), 1, is_ready=True, census=finished(census(server.store)), journal=journal)
    return {
        f"{metric.name}{'_total' * (metric.type == 'counter')}{'_info' * (metric.type == 'info')}": (
            "gauge" if metric.type == "info" else metric.type,
            {label for sample in metric.samples for label in sample.labels} - {"le"},
        )
        for metric in families(moment)
    }


def test_every_metric_is_listed_with_its_type_and_labels() -> None:
    listed = {name.strip("`"): (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels, _ in rows("Metrics")}

    assert listed == told()


def test_what_labels_may_say_is_listed() -> None:
    words = {name.strip("`"): set(re.findall(r"`(\w+)`", text)) for name, _, _, text in rows("Metrics")}

    assert words["turnserver_request_seconds"] == {*FAMILIES.values(), BATCH}
    assert words["turnserver_partitions"] == set(counting.KINDS)
    for kind, name in (("player", "players"), ("match", "matches"), ("room", "rooms")):
        assert words[f"turnserver_{name}"] == set(counting.STATES[kind])


def test_alerts_speak_of_metrics_that_exist() -> None:
    named = {name for when, _ in rows("What to alert on") for name in re.findall(r"turnserver_\w+", when)}

    assert {name.removesuffix("_bucket") for name in named} <= set(told())


def test_every_event_is_listed_with_its_level_and_meaning() -> None:
    listed = [(words.strip("`"), level, meaning) for words, level, meaning in rows("Logs")]

    assert listed == [(event.words, logged(event), event.meaning) for event in Event]


def logged(event: Event) -> str:
    """The event's level as settings name it."""
    levels = {10: LogLevel.DEBUG, 20: LogLevel.INFO, 30: LogLevel.WARNING, 40: LogLevel.ERROR}
    return levels[event.level].value


def test_settings_that_are_named_exist_with_these_values() -> None:
    known = {field.name for field in fields(Settings)}

    assert {"drain_s", "metrics_address", "log_format", "log_level"} <= known
    assert all(f"`{value.value}`" in DOCUMENT for kind in (LogFormat, LogLevel) for value in kind)


def test_the_reasons_for_not_being_ready_are_told() -> None:
    assert f"`{STORE_DOWN}`" in DOCUMENT
    assert f"`{DRAINING}`" in DOCUMENT
    assert CHECK_S_MAX == 2
    assert "within two seconds" in DOCUMENT


def test_numbers_are_those_of_the_code() -> None:
    assert f"more than {counting.READ_MOST:,} players" in DOCUMENT
    assert f"over Redis more than {counting.READ_MOST_AFAR:,}" in DOCUMENT
    assert counting.FRESH_S == figures.EVERY_S == 10
    assert "every ten seconds, for a day" in DOCUMENT
    assert figures.EVERY_S * figures.KEPT == 24 * 3600
