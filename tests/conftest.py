"""What many tests need: a real server, and a place in it of their own."""

import uuid
from collections.abc import Iterator

import pytest

from tests.server_process import ServerProcess


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server, shared by the tests of one process."""
    with ServerProcess(tmp_path_factory.mktemp("server"), "--durability", "none") as running:
        yield running.address


@pytest.fixture
def title() -> str:
    """A game title of the test's own: its players meet nobody else's."""
    return f"test-{uuid.uuid4().hex[:16]}"
