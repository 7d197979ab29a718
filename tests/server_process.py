"""A real server for a test: `turnserver serve` as a process of its own, in a folder of its own."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

START_S_MAX = 60
STOP_S_MAX = 30

AHEAD = """
import sys, time

ahead_s, now_s, now_ns = int(sys.argv.pop(1)), time.time, time.time_ns
time.time = lambda: now_s() + ahead_s
time.time_ns = lambda: now_ns() + ahead_s * 10**9

from turnserver.cli import main

main()
"""
"""A program that is `turnserver` on a machine whose clock is wrong."""


class ServerProcess:
    """A server that runs from `with` to the end of the block; nothing of it is left afterwards.

    One that ends before, though nobody asked it to, fails the test.

    Args:
        folder: Where it keeps its state; made if it is missing.
        options: Further options of `turnserver serve`.
        port: 0 takes a free one. To start again where clients expect it, name the first one's.
        ahead_s: By how much its time of day differs from that of this machine.
    """

    def __init__(self, folder: Path, *options: str, port: int = 0, ahead_s: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        program = ["-c", AHEAD, str(ahead_s)] if ahead_s else ["-m", "turnserver"]
        command = [sys.executable, *program, "serve", "--port", str(port), *options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TURNSERVER_")}
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        self._was_ended = False
        self.address = self._address()

    def _address(self) -> str:
        """The address from the line that the server prints when it is ready."""
        assert self.process.stdout is not None
        has_spoken, _, _ = select.select([self.process.stdout], [], [], START_S_MAX)
        line = self.process.stdout.readline() if has_spoken else f"nothing within {START_S_MAX} s"
        if not line.startswith("turnserver listening on http://"):
            self.kill()
            raise AssertionError(f"the server said {line!r}")
        return line.split()[-1]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.address.rpartition(":")[2])

    def kill(self) -> None:
        """End the process as a crash would: at once, without a word. One that has ended already stays so."""
        self.process.kill()
        self._gone()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to end, as a service manager would, or with SIGINT as Ctrl-C does; its exit status."""
        self.process.send_signal(number)
        return self._gone()

    def _gone(self) -> int:
        self._was_ended = True
        status = self.process.wait(STOP_S_MAX)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        ended = None if self._was_ended else self.process.poll()
        self.kill()
        assert ended is None or error is not None, f"the server ended by itself, with status {ended}"
