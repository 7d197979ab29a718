"""A real redis-server for a test: a process of its own, on a free port, in a folder of its own."""

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

START_S_MAX = 20
REPLY_S_MAX = 10


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
        config: A sentinel's configuration, which it rewrites, and which goes with it.
    """

    def __init__(self, *options: str, port: int = 0, config: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.options = options
        self._config = config
        self.port = port or free_port()
        self.start()

    @classmethod
    def sentinel(cls, primary_port: int) -> "RedisServer":
        """A sentinel that watches a primary, which it calls `games`, and is quick to replace it."""
        with tempfile.NamedTemporaryFile("w", prefix="sentinel-", suffix=".conf", delete=False) as config:
            config.write(f"sentinel monitor games 127.0.0.1 {primary_port} 1\n")
            config.write("sentinel down-after-milliseconds games 300\nsentinel failover-timeout games 3000\n")
        return cls(config=Path(config.name))

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, again where it was stopped or killed, and return when it answers."""
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert program, "redis-server is missing: apt-get install redis-server"
        log = str(self.folder / "redis.log")
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--logfile", log]
        if self._config is not None:
            command = [program, str(self._config), "--sentinel", *place]
        else:
            command = [program, *place, "--save", "", "--repl-diskless-sync-delay", "0", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline_s = time.monotonic() + START_S_MAX
        with self.client() as client:
            while True:
                try:
                    client.ping()
                except RedisError:  # it does not listen yet, or it loads what it has on disk
                    assert self.process.poll() is None, (self.folder / "redis.log").read_text()
                    assert time.monotonic() < deadline_s, "redis-server does not answer"
                    time.sleep(0.01)
                else:
                    return

    def client(self) -> Redis:
        """A client for the test's own commands."""
        return Redis(port=self.port, socket_timeout=REPLY_S_MAX, retry=Retry(NoBackoff(), 0))

    def command(self, *words: str | int | bytes) -> Any:
        """The reply to a command."""
        with self.client() as client:
            return client.execute_command(*words)

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
        if self._config is not None:
            self._config.unlink()
        shutil.rmtree(self.folder, ignore_errors=True)
