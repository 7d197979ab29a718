"""Records on both databases: each test that asks for `url` runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    """A running PostgreSQL, shared by the tests of one process."""
    with postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/turnserver.records.db"
    running: Postgres = request.getfixturevalue("postgresql")
    return running.database()


@pytest.fixture
def postgresql_url(postgresql: Postgres) -> str:
    """The URL of an empty database in PostgreSQL."""
    return postgresql.database()
