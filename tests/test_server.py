"""The process: one line when it is ready, a clean end by either signal, and no guessing when it cannot start."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.raw_http import RawConnection
from tests.server_process import ServerProcess


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def post(line: str, *, wait_s: int = 0) -> bytes:
    preference = f"prefer: wait={wait_s}\r\n" if wait_s else ""
    return f"POST / HTTP/1.1\r\nhost: x\r\n{preference}content-length: {len(line)}\r\n\r\n{line}".encode()


def registered(connection: RawConnection) -> str:
    """The key of a new registration."""
    return connection.ask(post("0,ann,*,*,*")).body.decode().removeprefix("0/0/")


def refused(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """What a server says that does not start."""
    command = [sys.executable, "-m", "turnserver", "serve", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def held(connection: RawConnection, server: ServerProcess, key: str) -> None:
    """Send a poll that is held, and return when it has arrived: what is sent after it was answered."""
    connection.send(post(f"2,*,{key},*,*", wait_s=25))
    with RawConnection(server.port) as other:
        other.ask(post(f"2,*,{key},*,*"))


@contextlib.contextmanager
def refuse_writes(server: ServerProcess) -> Iterator[None]:
    """Let the operating system refuse what the server writes to its journal; standard error is short enough to pass."""
    soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, hard))
    yield
    if server.process.poll() is None:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("durability", ["none", "process", "power"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_answers_held_polls_and_ends_cleanly(tmp_path: Path, number: signal.Signals, durability: str) -> None:
    with ServerProcess(tmp_path, "--durability", durability) as server, RawConnection(server.port) as connection:
        key = registered(connection)
        held(connection, server, key)

        status = server.stop(number)

        answer = connection.answer()
        assert (answer.status, answer.body) == (200, b"0/2/*")
        assert status == 0
    assert not list(tmp_path.glob("*-wal"))


@pytest.mark.parametrize("durability", ["process", "power"])
def test_after_a_clean_end_the_server_goes_on_where_it_was(tmp_path: Path, durability: str) -> None:
    with ServerProcess(tmp_path, "--durability", durability) as first, RawConnection(first.port) as connection:
        key = registered(connection)
        assert first.stop() == 0

    options = ("--durability", durability)
    with ServerProcess(tmp_path, *options, port=first.port) as second, RawConnection(second.port) as connection:
        assert connection.ask(post(f"2,*,{key},*,*")).body == b"0/2/*"


def test_without_durability_no_file_is_written(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, "--durability", "none") as server, RawConnection(server.port) as connection:
        registered(connection)
        assert server.stop() == 0

    assert list(tmp_path.iterdir()) == []


def test_a_second_server_on_one_port_says_so_in_one_line(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "first") as first:
        second = refused(tmp_path, "--port", str(first.port))

    assert second.returncode == 1
    assert second.stderr == (
        f"Error: cannot listen on 127.0.0.1:{first.port}: {os.strerror(98)}; choose another with --port\n"
    )
    assert second.stdout == ""


def test_a_second_server_on_one_file_says_so_in_one_line(tmp_path: Path) -> None:
    with ServerProcess(tmp_path):
        second = refused(tmp_path, "--port", "0")

    assert second.returncode == 1
    assert second.stderr == (
        "Error: turnserver.db is in use by another turnserver; "
        "stop it, or give this one a file of its own with --database\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--host", "no.such.host.invalid", "cannot listen on no.such.host.invalid:0: "),
        ("--database", "sqlite:///missing/turnserver.db", "cannot open missing/turnserver.db.lock: "),
        ("--database", "postgresql://127.0.0.1:1/games", "cannot use the records in postgresql://127.0.0.1:1/games: "),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_line(
    tmp_path: Path, option: str, value: str, sentence: str
) -> None:
    ended = refused(tmp_path, "--port", "0", option, value)

    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ")
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_server_whose_disk_fails_says_so_when_it_stops(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with ServerProcess(tmp_path) as server, RawConnection(server.port) as connection:
        key = registered(connection)
        with refuse_writes(server):
            answer = connection.ask(post("0,bob,*,*,*"))
            status = server.stop()

    assert (answer.status, answer.body, answer.headers["retry-after"]) == (503, b"44/*/*", "1")
    assert status == 1
    *_, last_line = capfd.readouterr().err.splitlines()
    assert last_line.startswith("Error: cannot write the journal: ")
    assert last_line.endswith("; all that was acknowledged is safe")
    with ServerProcess(tmp_path) as again, RawConnection(again.port) as connection:
        assert connection.ask(post(f"2,*,{key},*,*")).body == b"0/2/*"


def test_it_listens_on_ipv6_too(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, "--host", "::1", "--durability", "none") as server:
        assert server.address == f"http://[::1]:{server.port}"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("9464", "write one like 127.0.0.1:9464"),
        ("127.0.0.1:port", "write one like 127.0.0.1:9464"),
        ("127.0.0.1:70000", "write one like 127.0.0.1:9464"),
        ("no.such.host.invalid:1", "choose another metrics_address"),
    ],
)
def test_an_address_for_metrics_that_cannot_be_is_refused(tmp_path: Path, address: str, sentence: str) -> None:
    (tmp_path / "settings.toml").write_text(f'metrics_address = "{address}"\n')
    ended = refused(tmp_path, "--port", "0", "--config", "settings.toml")

    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_metrics_need_a_port_of_their_own(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "settings.toml").write_text(f'port = {port}\nmetrics_address = "127.0.0.2:{port}"\n')
    ended = refused(tmp_path, "--config", "settings.toml")

    assert ended.stderr == f"Error: metrics_address = '127.0.0.2:{port}': it needs a port of its own\n"
