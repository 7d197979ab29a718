import pytest

from turnserver.records.places import IN_MEMORY, JOURNAL, is_sqlite, journal_url, records_url

POSTGRESQL = "postgresql+asyncpg://ann:secret@db.example/games"


@pytest.mark.parametrize(
    ("database", "records"),
    [
        ("sqlite:///turnserver.db", "sqlite:///turnserver.records.db"),
        ("sqlite:////var/lib/turnserver/state.sqlite", "sqlite:////var/lib/turnserver/state.records.sqlite"),
        ("sqlite:///plain", "sqlite:///plain.records"),
        ("sqlite+pysqlite:///a/b.db", "sqlite+pysqlite:///a/b.records.db"),
    ],
)
def test_beside_an_sqlite_journal_records_have_a_file_of_their_own(database: str, records: str) -> None:
    assert records_url(database) == records
    assert journal_url(database) == database


def test_postgresql_keeps_the_records_and_the_journal_stays_a_file() -> None:
    assert records_url(POSTGRESQL) == records_url(POSTGRESQL, writes=False) == POSTGRESQL
    assert journal_url(POSTGRESQL) == JOURNAL


@pytest.mark.parametrize(("database", "writes"), [("sqlite:///turnserver.db", False), ("sqlite://", True)])
def test_where_nothing_is_to_be_written_records_are_in_memory(database: str, writes: bool) -> None:  # noqa: FBT001  # a case of the table
    assert records_url(database, writes=writes) == IN_MEMORY


@pytest.mark.parametrize(
    ("database", "is_file"), [("sqlite:///x", True), ("sqlite+aiosqlite:///x", True), ("x", False)]
)
def test_sqlite_is_known_by_the_urls_beginning(database: str, is_file: bool) -> None:  # noqa: FBT001  # a case of the table
    assert is_sqlite(database) is is_file
