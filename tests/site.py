"""A real server with a server key, for programs that act for it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.server_process import ServerProcess


class Site(NamedTuple):
    """A server, and a key of it."""

    url: str
    key: str


def server_key(folder: Path, name: str = "world") -> str:
    """A key from the command line; the server of that folder has not started yet or runs already."""
    command = [sys.executable, "-m", "turnserver", "key", "add", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """A server that runs from `with` to the end of the block."""
    key = server_key(folder)
    with ServerProcess(folder, "--durability", "none") as running:
        yield Site(running.address, key)
