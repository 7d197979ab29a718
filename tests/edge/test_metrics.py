"""What a scrape tells, read by Prometheus' own parser."""

from collections.abc import Mapping

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.text_server import TextServer, finished
from turnserver.edge.metrics import Metrics, Moment, families
from turnserver.histogram import Histogram
from turnserver.protocol import answers
from turnserver.service.census import Census, census
from turnserver.service.usage import Usage
from turnserver.store.figures import JournalFigures

Labels = frozenset[tuple[str, str]]


def moment(usage: Usage | None = None, living: Census | None = None, journal: JournalFigures | None = None) -> Moment:
    """A moment of a server in which nothing else happened."""
    return Moment(usage or Usage(), Histogram(), connections=3, is_ready=True, census=living, journal=journal)


def samples(at: Moment) -> Mapping[tuple[str, Labels], float]:
    """All samples by name and labels."""
    text = generate_latest(Metrics(at)).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(name: str, **labels: str) -> tuple[str, Labels]:
    return name, frozenset(labels.items())


def journal() -> JournalFigures:
    took = Histogram()
    took.add(0.002)
    return JournalFigures(7, 5, 400, 4096, 8192, 1_700_000_000.5, is_failing=True, took=took)


def test_a_server_that_did_nothing_tells_so() -> None:
    told = samples(moment())

    assert told[of("turnserver_ready")] == 1
    assert told[of("turnserver_connections")] == 3
    assert told[of("turnserver_relay_messages_total")] == 0
    assert told[of("turnserver_event_loop_lag_seconds_count")] == 0
    assert not any(name == "turnserver_requests_total" for name, _ in told)


def test_requests_are_told_by_command_and_answer() -> None:
    server = TextServer()
    ann, _ = server.game()
    ann.update("a", 0)
    ann.update("a", 9)
    server.answering.usage.refused(answers.BAD_SYMBOL)
    told = samples(moment(server.answering.usage))

    assert told[of("turnserver_requests_total", command="REGISTER", code="0/0")] == 2
    assert told[of("turnserver_requests_total", command="GAME_UPDATE", code="0/10")] == 1
    assert told[of("turnserver_requests_total", command="GAME_UPDATE", code="19/*")] == 1
    assert told[of("turnserver_malformed_requests_total", code="4/0")] == 1
    assert told[of("turnserver_relay_messages_total")] == 1


def test_what_is_only_counted_is_told() -> None:
    usage = Usage()
    usage.http[404] += 2
    usage.failed(was_answered=True)
    usage.bugs, usage.held, usage.received_bytes, usage.sent_bytes = 1, 4, 100, 50
    told = samples(moment(usage))

    assert told[of("turnserver_http_responses_total", status="404")] == 2
    assert told[of("turnserver_store_failures_total")] == 1
    assert told[of("turnserver_bugs_total")] == 1
    assert told[of("turnserver_held_requests")] == 4
    assert told[of("turnserver_received_bytes_total")] == 100
    assert told[of("turnserver_sent_bytes_total")] == 50


def test_times_are_histograms_by_family() -> None:
    usage = Usage()
    usage.timed("relay", started_s=0, took_s=0.0004)
    usage.timed("relay", started_s=0, took_s=20)
    told = samples(moment(usage))

    assert told[of("turnserver_request_seconds_bucket", family="relay", le="0.00025")] == 0
    assert told[of("turnserver_request_seconds_bucket", family="relay", le="0.0005")] == 1
    assert told[of("turnserver_request_seconds_bucket", family="relay", le="10.0")] == 1
    assert told[of("turnserver_request_seconds_bucket", family="relay", le="+Inf")] == 2
    assert told[of("turnserver_request_seconds_count", family="relay")] == 2
    assert told[of("turnserver_request_seconds_sum", family="relay")] == pytest.approx(20.0004)


def test_who_lives_is_told_by_state_zeros_included() -> None:
    server = TextServer()
    server.game()
    told = samples(moment(living=finished(census(server.store))))

    assert told[of("turnserver_partitions", kind="player")] == 2
    assert told[of("turnserver_players", state="paired")] == 2
    assert told[of("turnserver_players", state="waiting")] == 0
    assert told[of("turnserver_matches", state="playing")] == 1
    assert told[of("turnserver_rooms", state="running")] == 0


def test_where_states_were_not_looked_for_none_is_told() -> None:
    told = samples(moment(living=Census({"player": 1_000_000}, {})))

    assert told[of("turnserver_partitions", kind="player")] == 1_000_000
    assert not any(name in ("turnserver_players", "turnserver_matches", "turnserver_rooms") for name, _ in told)


def test_a_journal_tells_of_itself() -> None:
    told = samples(moment(journal=journal()))

    assert told[of("turnserver_journal_transactions_total")] == 7
    assert told[of("turnserver_journal_rows")] == 5
    assert told[of("turnserver_journal_entries_bytes")] == 400
    assert told[of("turnserver_journal_database_bytes")] == 4096
    assert told[of("turnserver_journal_wal_bytes")] == 8192
    assert told[of("turnserver_journal_checkpoint_timestamp_seconds")] == 1_700_000_000.5
    assert told[of("turnserver_journal_failing")] == 1
    assert told[of("turnserver_journal_commit_seconds_count")] == 1


def test_the_process_is_told_of_too() -> None:
    told = samples(moment())

    assert told[of("process_resident_memory_bytes")] > 1_000_000
    assert told[of("process_open_fds")] > 0


def test_names_keep_to_the_conventions() -> None:
    for metric in families(moment(living=finished(census(TextServer().store)), journal=journal())):
        assert metric.name.startswith("turnserver")
        assert not metric.name.endswith(("_count", "_sum", "_total"))
        assert metric.documentation.endswith(".")
