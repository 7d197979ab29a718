"""A real redis-server for a test: a process of its own, on a free port, in a folder of its own."""

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from redis import Redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError

START_S_MAX = 20


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class RedisServer:
    """A server that runs from `with` to the end of the block; nothing of it is left afterwards.

    Args:
        options: Further options of `redis-server`; without any it keeps nothing on disk.
        port: 0 takes a free one.
    """

    def __init__(self, *options: str, port: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.options = options
        self.port = port or free_port()
        self.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, again where it was stopped or killed, and return when it answers."""
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert program, "redis-server is missing: apt-get install redis-server"
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--save", "", "--repl-diskless-sync-delay", "0", "--logfile", "redis.log", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline_s = time.monotonic() + START_S_MAX
        with self.client() as client:
            while True:
                try:
                    client.ping()
                except NoConnection:
                    assert self.process.poll() is None, (self.folder / "redis.log").read_text()
                    assert time.monotonic() < deadline_s, "redis-server does not answer"
                    time.sleep(0.01)
                except RedisError:  # it loads what it has on disk
                    time.sleep(0.01)
                else:
                    return

    def client(self) -> Redis:
        """A client for the test's own commands."""
        return Redis(port=self.port)

    def empty(self) -> None:
        """Take everything out of it."""
        with self.client() as client:
            client.flushall()

    def kill(self) -> None:
        """End the process as a crash would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
