"""Who may read /metrics."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.raw_http import Answer, RawConnection, post, request
from tests.server_process import ServerProcess
from tests.test_server import free_port


def server_key(folder: Path) -> bytes:
    """A new server key."""
    command = [sys.executable, "-m", "turnserver", "key", "add", "prometheus"]
    added = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return next(word for word in added.stdout.split() if word.startswith("sk_")).encode()


def scrape(connection: RawConnection, *headers: bytes) -> Answer:
    return connection.ask(request(b"GET", b"/metrics", *headers))


def told(answer: Answer) -> Mapping[str, float]:
    """The samples without labels."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
        if not sample.labels
    }


def test_a_server_key_opens_the_metrics(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server, RawConnection(server.port) as connection:
        key = server_key(tmp_path)
        connection.ask(post(b"0,ann,*,*,*"))
        answer = scrape(connection, b"authorization: Bearer %s" % key)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    metrics = told(answer)
    assert metrics["turnserver_ready"] == 1
    assert metrics["turnserver_connections"] == 1
    assert metrics["turnserver_journal_transactions_total"] == 1
    assert metrics["turnserver_received_bytes_total"] > 100
    assert metrics["turnserver_sent_bytes_total"] > 50
    assert metrics["process_resident_memory_bytes"] > 1_000_000


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (b"authorization: Bearer sk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",),
        (b"authorization: Bearer \xff\x80",),
        (b"authorization: Basic YW5uOmJvYg==",),
        (b"x-forwarded-for: 127.0.0.1",),
    ],
)
def test_nobody_else_reads_them_not_even_from_this_machine(
    connection: RawConnection, headers: tuple[bytes, ...]
) -> None:
    answer = scrape(connection, *headers)

    assert (answer.status, answer.body) == (401, b"30/*/*")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_address_that_is_set_apart_needs_no_key_and_the_other_still_does(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "settings.toml").write_text(f'metrics_address = "127.0.0.1:{port}"\ndurability = "none"\n')
    with (
        ServerProcess(tmp_path, "--config", "settings.toml") as server,
        RawConnection(server.port) as public,
        RawConnection(port) as apart,
    ):
        answer = scrape(apart)

        assert answer.status == 200
        assert told(answer)["turnserver_connections"] == 2
        assert "turnserver_journal_rows" not in told(answer)
        assert scrape(public).status == 401


def test_the_metrics_of_a_server_whose_keys_cannot_be_read_wait(tmp_path: Path) -> None:
    (tmp_path / "turnserver.keys").mkdir()
    with ServerProcess(tmp_path, "--durability", "none") as server, RawConnection(server.port) as connection:
        answer = scrape(connection, b"authorization: Bearer sk_x")

    assert (answer.status, answer.body, answer.headers["retry-after"]) == (503, b"44/*/*", "1")


def test_bytes_are_counted_as_they_travel(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "settings.toml").write_text(f'metrics_address = "127.0.0.1:{port}"\ndurability = "none"\n')
    raw = [
        post(b"0,ann,*,*,*"),
        post(b"0,bob,*,*,*", b"/", b"connection: upgrade", b"upgrade: h2c"),
        post(b"7,,,,"),
        post(b"0,cid,*,*,*\n7,,,,", b"/batch"),
    ]
    with ServerProcess(tmp_path, "--config", "settings.toml") as server, RawConnection(port) as apart:
        before = told(scrape(apart))
        with RawConnection(server.port) as connection:
            answers = [connection.ask(each) for each in raw]
        after = told(scrape(apart))

    scraped = len(request(b"GET", b"/metrics"))
    received = after["turnserver_received_bytes_total"] - before["turnserver_received_bytes_total"]
    assert received == sum(map(len, raw)) + scraped
    replied = sum(len(answer.head) + len(answer.body) for answer in answers)
    assert after["turnserver_sent_bytes_total"] - before["turnserver_sent_bytes_total"] > replied


def test_what_is_not_a_post_of_text_is_counted_by_its_status(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "settings.toml").write_text(f'metrics_address = "127.0.0.1:{port}"\ndurability = "none"\n')
    with ServerProcess(tmp_path, "--config", "settings.toml"), RawConnection(port) as apart:
        apart.ask(request(b"GET", b"/nowhere/at/all"))
        apart.ask(request(b"GET", b"/"))
        apart.ask(request(b"DELETE", b"/"))
        text = scrape(apart).body.decode()

    assert 'turnserver_http_responses_total{status="404"} 1.0' in text
    assert 'turnserver_http_responses_total{status="405"} 1.0' in text
    assert 'turnserver_http_responses_total{status="200"} 1.0' in text
