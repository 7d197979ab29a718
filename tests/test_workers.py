"""Several workers are one server: one address, one state, one clean end; one that dies is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.raw_http import RawConnection
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess
from tests.store.engines import shared_redis
from tests.test_server import held, post, refused, registered

WORKERS = 3
PATIENCE_S = 20


@pytest.fixture
def redis() -> RedisServer:
    """A server with nothing in it."""
    shared_redis().empty()
    return shared_redis()


def started(folder: Path, redis: RedisServer, *options: str) -> ServerProcess:
    return ServerProcess(folder, "--live", redis.url, "--workers", str(WORKERS), *options)


def workers_of(server: ServerProcess) -> set[int]:
    """The processes that the first one has started."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text(encoding="ascii")
    return set(map(int, children.split()))


def alone(connection: RawConnection) -> str:
    """The key of a registration that is never paired."""
    return connection.ask(post("0,ann,*,nobody,*")).body.decode().removeprefix("0/0/")


def is_running(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text(encoding="ascii").rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.02)


def test_whichever_worker_is_asked_knows_what_the_others_know(tmp_path: Path, redis: RedisServer) -> None:
    with started(tmp_path, redis) as server:
        assert len(workers_of(server)) == WORKERS
        with RawConnection(server.port) as connection:
            key = registered(connection)
        replies = set()
        for _ in range(8 * WORKERS):
            with RawConnection(server.port) as connection:
                replies.add(connection.ask(post(f"2,*,{key},*,*")).body)

    assert replies == {b"0/2/*"}


def test_a_worker_that_is_killed_is_started_again(tmp_path: Path, redis: RedisServer) -> None:
    with started(tmp_path, redis) as server:
        before = workers_of(server)
        with RawConnection(server.port) as connection:
            key = registered(connection)
        killed = min(before)
        os.kill(killed, signal.SIGKILL)

        until(lambda: len(workers_of(server) - {killed}) == WORKERS, "no worker was started in its place")
        for _ in range(4 * WORKERS):  # who came to the dead one waits for the new
            with RawConnection(server.port) as connection:
                assert connection.ask(post(f"2,*,{key},*,*")).body == b"0/2/*"
        assert server.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_answers_held_polls_in_all_workers(tmp_path: Path, redis: RedisServer, number: signal.Signals) -> None:
    with started(tmp_path, redis) as server, ExitStack() as closing:
        connections = [closing.enter_context(RawConnection(server.port)) for _ in range(2 * WORKERS)]
        for connection in connections:
            held(connection, server, alone(connection))
        workers = workers_of(server)

        status = server.stop(number)

        answers = [connection.answer() for connection in connections]
    assert {(answer.status, answer.body) for answer in answers} == {(200, b"0/2/*")}
    assert status == 0
    assert not any(map(is_running, workers))


def test_workers_do_not_outlive_the_first_process(tmp_path: Path, redis: RedisServer) -> None:
    with started(tmp_path, redis) as server:
        workers = workers_of(server)
        server.kill()

        until(lambda: not any(map(is_running, workers)), "workers go on without the first process")


def test_over_an_embedded_store_more_than_one_is_refused(tmp_path: Path) -> None:
    ended = refused(tmp_path, "--port", "0", "--workers", "2")

    assert ended.returncode == 1
    assert ended.stderr == (
        "Error: 2 workers need live state that they share: "
        "give them a Redis with --live redis://HOST/0, or start one worker\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_account_made_at_one_worker_is_known_to_all(tmp_path: Path, redis: RedisServer) -> None:
    with started(tmp_path, redis) as server:
        with RawConnection(server.port) as connection:
            made = connection.ask(post("60,ann;correct horse,*,*,*")).body.decode()
            token = made.split("/", 2)[2].partition("|")[0]
        replies = []
        for _ in range(4 * WORKERS):
            with RawConnection(server.port) as connection:
                replies.append(connection.ask(post(f"29,*,{token},*,*")).body)
                replies.append(connection.ask(post("61,ann;correct horse,*,*,*")).body[:5])

    assert made.startswith("0/60/")
    assert replies == 4 * WORKERS * [b"0/29/*", b"0/61/"]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".db"] == ["turnserver.records.db"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ('metrics_address = "127.0.0.1:0"', "each worker counts for itself, and one address would show one of them"),
        ('database = "sqlite://"', "workers need records that they share: name a file or a server with --database"),
    ],
)
def test_what_workers_cannot_share_is_refused(tmp_path: Path, redis: RedisServer, settings: str, sentence: str) -> None:
    (tmp_path / "settings.toml").write_text(f"{settings}\n")
    ended = refused(tmp_path, "--port", "0", "--workers", "2", "--live", redis.url, "--config", "settings.toml")

    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ")
    assert sentence in ended.stderr


def test_a_second_server_on_the_port_says_so(tmp_path: Path, redis: RedisServer) -> None:
    with started(tmp_path, redis) as server:
        second = refused(tmp_path, "--live", redis.url, "--port", str(server.port))

    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{server.port}" in second.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--live", "redis://127.0.0.1:1"), "Redis at 127.0.0.1:1 cannot be used: "),
        (("--live", "http://127.0.0.1"), "is no address of Redis; write one like redis://127.0.0.1:6379/0"),
        (("--ack-replicas", "1"), "--ack-replicas counts replicas of Redis: give one with --live"),
    ],
)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_redis_that_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, options: tuple[str, ...], sentence: str, workers: str
) -> None:
    ended = refused(tmp_path, "--port", "0", "--workers", workers, *options)

    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ")
    assert sentence in ended.stderr or (workers == "2" and "--live redis://HOST/0" in ended.stderr)
    assert ended.stderr.count("\n") == 1


def test_the_command_line_names_them() -> None:
    command = [sys.executable, "-m", "turnserver", "serve", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert all(option in shown for option in ("--live URL", "--ack-replicas", "--workers"))
