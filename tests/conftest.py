"""What many tests need: a real server, and a place in it of their own."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Postgres, postgres
from tests.server_process import ServerProcess
from tests.site import Site, running_site

# A property says what is right, not how fast: machines are shared. The rest stays as it is, so that a run of CI (which
# Hypothesis recognizes) takes the same examples each time.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def runtime_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The folder for what tells which process serves a port: servers that are killed leave their files here."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server, shared by the tests of one process."""
    with ServerProcess(tmp_path_factory.mktemp("server"), "--durability", "none") as running:
        yield running.address


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running server with a server key, shared by the tests of one process."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def title() -> str:
    """A game title of the test's own: its players meet nobody else's."""
    return f"test-{uuid.uuid4().hex[:16]}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    """A running PostgreSQL, shared by the tests of one process."""
    with postgres() as running:
        yield running


@pytest.fixture
def postgresql_url(postgresql: Postgres) -> str:
    """The URL of an empty database in PostgreSQL."""
    return postgresql.database()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of empty records: each test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/turnserver.records.db"
    found: str = request.getfixturevalue("postgresql_url")
    return found
