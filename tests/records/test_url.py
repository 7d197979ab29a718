import pytest
from sqlalchemy.exc import SQLAlchemyError

from turnserver.records import schema
from turnserver.records.url import failing, parsed, shown
from turnserver.store.seam import StoreDown


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgresql://ann:hidden@127.0.0.1/x", "postgresql+asyncpg://ann:hidden@127.0.0.1/x"),
        ("postgresql+asyncpg://127.0.0.1/x", "postgresql+asyncpg://127.0.0.1/x"),
    ],
)
def test_the_driver_is_the_one_that_records_use(given: str, used: str) -> None:
    assert parsed(given).render_as_string(hide_password=False) == used


def test_a_url_is_shown_without_its_password() -> None:
    assert shown("postgresql://ann:hidden@127.0.0.1/x") == "postgresql://ann:***@127.0.0.1/x"


@pytest.mark.parametrize("error", [SQLAlchemyError("full"), OSError("full")])
def test_a_failure_of_the_database_is_one_of_the_store(error: Exception) -> None:
    with pytest.raises(StoreDown, match=r"cannot use the records in sqlite:///x.db: .*full"), failing("sqlite:///x.db"):
        raise error


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("nonsense", "is no database URL"),
        ("mysql://ann:hidden@127.0.0.1/x", "neither SQLite nor PostgreSQL"),
        ("postgresql+asyncpg://ann:hidden@127.0.0.1:1/x", "cannot use the records in postgresql"),
        ("sqlite:////proc/version", "cannot use the records in sqlite"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(given: str, complaint: str) -> None:
    with pytest.raises(StoreDown, match=complaint) as raised:
        schema.migrate(given)

    assert "hidden" not in str(raised.value)
