"""The process: how it starts and how it ends."""

import signal
import socket
from pathlib import Path

import pytest

from tests.raw_http import RawConnection, post
from tests.server_process import ServerProcess
from turnserver.server import CannotStart, run
from turnserver.settings import Durability, Settings


def key(connection: RawConnection) -> bytes:
    return connection.ask(post(b"0,ann,*,*,*")).body.removeprefix(b"0/0/")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("durability", ["none", "process"])
def test_a_signal_ends_it_cleanly_and_who_waits_is_answered(
    tmp_path: Path, number: signal.Signals, durability: str
) -> None:
    with ServerProcess(tmp_path, "--durability", durability) as server, RawConnection(server.port) as connection:
        connection.send(post(b"2,*,%s,*,*" % key(connection), b"/?wait=20"))
        with RawConnection(server.port) as other:
            other.ask(post(b"7,,,,"))  # by now the first is held

        assert server.stop(number) == 0
        assert connection.answer().body == b"0/2/*"


def test_what_was_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server, RawConnection(server.port) as connection:
        pairing_key = key(connection)
        assert server.stop() == 0

    with ServerProcess(tmp_path) as server, RawConnection(server.port) as connection:
        assert connection.ask(post(b"2,*,%s,*,*" % pairing_key)).body == b"0/2/*"


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"cannot listen on 127.0.0.1:{port}: .*choose another with --port"):
            run(Settings(port=port), on_ready=print)


def test_a_host_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotStart, match=r"cannot listen on host\.invalid:0"):
        run(Settings(host="host.invalid", port=0), on_ready=print)


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'missing' / 'state.db'}"

    with pytest.raises(CannotStart):
        run(Settings(port=0, durability=Durability.PROCESS, database=database), on_ready=print)


def test_it_listens_on_ipv6_too(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, "--host", "::1", "--durability", "none") as server:
        assert server.address == f"http://[::1]:{server.port}"
