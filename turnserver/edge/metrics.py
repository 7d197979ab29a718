"""All that is counted, as Prometheus names it. A scrape looks at the counts as they are: nothing is prepared.

Source: docs/operating.md, "Metrics".
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from prometheus_client import ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from turnserver import __version__
from turnserver.histogram import Histogram
from turnserver.protocol.answers import BY_PREFIX
from turnserver.service.census import STATES, Census
from turnserver.service.usage import Usage
from turnserver.store.figures import JournalFigures

_CODES = {answer.prefix: code for code, answer in BY_PREFIX.items()}


class Moment(NamedTuple):
    """The server as it is when it is scraped."""

    usage: Usage
    lag: Histogram
    """How late the event loop was."""
    connections: int
    is_ready: bool
    census: Census | None
    """Who lives; None while the store is down."""
    journal: JournalFigures | None
    """None for a store without one."""


class Metrics:
    """What a scrape collects: the server's metrics, and those of its process."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def collect(self) -> Iterator[Metric]:
        """Every metric once."""
        yield from families(self._moment)
        yield from _PROCESS.collect()


_PROCESS = ProcessCollector(registry=None)


def families(moment: Moment) -> Iterator[Metric]:
    """All metrics but those of the process."""
    yield InfoMetricFamily("turnserver", "The server's version.", {"version": __version__})
    yield GaugeMetricFamily("turnserver_ready", "1 if requests are welcome, else 0.", moment.is_ready)
    yield from _traffic(moment.usage)
    yield _histogram("turnserver_request_seconds", "Time to answer a request, for some of them.", moment.usage.took)
    yield GaugeMetricFamily("turnserver_connections", "Open connections.", moment.connections)
    yield _plain_histogram("turnserver_event_loop_lag_seconds", "How late the event loop is.", moment.lag)
    if moment.census is not None:
        yield from _living(moment.census)
    if moment.journal is not None:
        yield from _journal(moment.journal)


def _traffic(usage: Usage) -> Iterator[Metric]:
    requests = CounterMetricFamily("turnserver_requests", "Requests by command and answer.", labels=("command", "code"))
    for command, counts in usage.answers.items():
        for prefix, count in counts.items():
            if count:
                requests.add_metric((command, _CODES[prefix]), count)
    yield requests
    malformed = CounterMetricFamily("turnserver_malformed_requests", "Requests without a form.", labels=("code",))
    for prefix, count in usage.malformed.items():
        if count:
            malformed.add_metric((_CODES[prefix],), count)
    yield malformed
    http = CounterMetricFamily("turnserver_http_responses", "Responses to all but POSTs of text.", labels=("status",))
    for status, count in usage.http.items():
        http.add_metric((f"{status}",), count)
    yield http
    yield CounterMetricFamily("turnserver_relay_messages", "Messages of relay games.", usage.messages)
    yield GaugeMetricFamily("turnserver_held_requests", "Requests that wait on the server.", usage.held)
    yield CounterMetricFamily("turnserver_holds", "Requests that began to wait on the server.", usage.holds)
    yield CounterMetricFamily("turnserver_store_failures", "Requests that the store failed.", usage.store_failures)
    yield CounterMetricFamily("turnserver_bugs", "Requests that met a mistake of the server's.", usage.bugs)
    yield CounterMetricFamily("turnserver_received_bytes", "Bytes of HTTP received.", usage.received_bytes)
    yield CounterMetricFamily("turnserver_sent_bytes", "Bytes of HTTP sent.", usage.sent_bytes)


def _living(census: Census) -> Iterator[Metric]:
    partitions = GaugeMetricFamily("turnserver_partitions", "What lives, by kind.", labels=("kind",))
    for kind, count in census.living.items():
        partitions.add_metric((kind,), count)
    yield partitions
    for kind, name in (("player", "players"), ("match", "matches"), ("room", "rooms")):
        states = GaugeMetricFamily(f"turnserver_{name}", f"Which {name} are in which state.", labels=("state",))
        for state in STATES[kind] if kind in census.states else ():
            states.add_metric((state,), census.states[kind].get(state, 0))
        yield states


def _journal(journal: JournalFigures) -> Iterator[Metric]:
    yield CounterMetricFamily("turnserver_journal_transactions", "Transactions written.", journal.transactions)
    yield GaugeMetricFamily("turnserver_journal_rows", "Rows in the journal.", journal.rows)
    yield GaugeMetricFamily("turnserver_journal_entries_bytes", "What the rows hold.", journal.entries_bytes)
    yield GaugeMetricFamily("turnserver_journal_database_bytes", "Length of the database file.", journal.database_bytes)
    yield GaugeMetricFamily("turnserver_journal_wal_bytes", "Length of the WAL file.", journal.wal_bytes)
    yield GaugeMetricFamily(
        "turnserver_journal_checkpoint_timestamp_seconds", "When the latest checkpoint ended.", journal.checkpoint_at_s
    )
    yield GaugeMetricFamily("turnserver_journal_failing", "1 while a write fails, else 0.", journal.is_failing)
    yield _plain_histogram("turnserver_journal_commit_seconds", "Time of a transaction.", journal.took)


def _histogram(name: str, words: str, by_family: Mapping[str, Histogram]) -> Metric:
    metric = HistogramMetricFamily(name, words, labels=("family",))
    for family, histogram in sorted(by_family.items()):
        metric.add_metric((family,), histogram.cumulative, histogram.sum_s)
    return metric


def _plain_histogram(name: str, words: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(name, words, buckets=histogram.cumulative, sum_value=histogram.sum_s)
