"""Servers under test: real processes, pinned to one core, stopped by their process id."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENT = Path(__file__).with_name("patient.toml")
"""Settings in which nobody is silent for too long."""


def core(cores: Sequence[int]) -> int:
    """The core of the servers: the load takes the last one."""
    return cores[0]


_CORES = os.sched_getaffinity(0)
_CORE = core(sorted(_CORES))


@dataclass(frozen=True)
class Server:
    """A running server."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """Seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        """Its resident memory."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def turnserver(*options: str, is_pinned: bool = True) -> Iterator[Server]:
    """`turnserver serve` in a folder of its own, on the servers' core or on all of them."""
    command = [sys.executable, "-m", "turnserver", "serve", "--port", "0", *options]
    with tempfile.TemporaryDirectory() as folder, _running(command, folder, is_pinned=is_pinned) as server:
        yield server


@contextmanager
def redis() -> Iterator[str]:
    """The address of a `redis-server` on the load's core, which keeps nothing on disk."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                while not _is_listening(int(port)):
                    time.sleep(0.01)
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                process.terminate()
                process.wait(30)


def _is_listening(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def reference(name: str) -> Iterator[Server]:
    """One of `benchmarks.references`."""
    with _running([sys.executable, "-m", "benchmarks.references", name], None) as server:
        yield server


@contextmanager
def _running(command: Sequence[str], folder: str | None, *, is_pinned: bool = True) -> Iterator[Server]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "TURNSERVER_LOG_LEVEL": "warning",  # what a server has to say is not among the figures
    }
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            os.sched_setaffinity(process.pid, {_CORE} if is_pinned else _CORES)
            assert process.stdout is not None
            yield Server(process.pid, int(process.stdout.readline().rpartition(":")[2]))
        finally:
            process.terminate()
            process.wait(30)
