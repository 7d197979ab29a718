"""Health over real HTTP."""

import signal
import time
from pathlib import Path

import pytest

from tests.raw_http import RawConnection, post, request
from tests.server_process import ServerProcess
from tests.test_server import refuse_writes


def test_a_server_is_healthy_and_ready(connection: RawConnection) -> None:
    health, ready = connection.ask(request(b"GET", b"/healthz")), connection.ask(request(b"GET", b"/readyz"))

    assert (health.status, health.body) == (200, b"ok\n")
    assert (ready.status, ready.body) == (200, b"ready\n")
    assert health.headers["cache-control"] == ready.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [b"/healthz", b"/readyz"])
def test_a_head_will_do_for_a_balancer(connection: RawConnection, path: bytes) -> None:
    assert connection.ask(request(b"HEAD", path)).status == 200


@pytest.mark.parametrize("durability", ["process", "power"])
def test_a_server_whose_disk_fails_is_healthy_and_not_ready(tmp_path: Path, durability: str) -> None:
    with (
        ServerProcess(tmp_path, "--durability", durability) as server,
        RawConnection(server.port) as connection,
        refuse_writes(server),
    ):
        refused = connection.ask(post(b"0,bob,*,*,*"))
        health, ready = connection.ask(request(b"GET", b"/healthz")), connection.ask(request(b"GET", b"/readyz"))

    assert refused.body == b"44/*/*"
    assert (health.status, health.body) == (200, b"ok\n")
    assert (ready.status, ready.body) == (503, b"the store is down\n")
    assert ready.headers["retry-after"] == "1"


def test_when_the_disk_works_again_it_is_ready_again(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server, RawConnection(server.port) as connection:
        with refuse_writes(server):
            connection.ask(post(b"0,bob,*,*,*"))
        ends_s = time.monotonic() + 20
        while connection.ask(request(b"GET", b"/readyz")).status != 200:
            assert time.monotonic() < ends_s

        assert connection.ask(post(b"0,bob,*,*,*")).status == 200


def test_a_server_that_drains_is_not_ready_and_still_serves(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("drain_s = 60\n")
    with ServerProcess(tmp_path, "--config", "settings.toml") as server, RawConnection(server.port) as connection:
        server.process.send_signal(signal.SIGTERM)
        answers = (connection.ask(request(b"GET", b"/readyz")) for _ in range(10_000))
        drained = next(answer for answer in answers if answer.status != 200)

        assert (drained.status, drained.body) == (503, b"the server is about to stop\n")
        with RawConnection(server.port) as new:
            assert new.ask(post(b"0,ann,*,*,*", b"/?wait=20")).status == 200
            assert new.ask(request(b"GET", b"/healthz")).status == 200
        assert server.stop(signal.SIGINT) == 0
