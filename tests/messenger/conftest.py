"""A real server for messengers, with a server key."""

import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.server_process import ServerProcess


class Site(NamedTuple):
    """A server, and a key of it."""

    url: str
    key: str


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running server, shared by the tests of one process."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "turnserver", "key", "add", "tests"]
    key = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
    with ServerProcess(folder, "--durability", "none") as running:
        yield Site(running.address, key)
