"""The records' database by its URL: with the driver that is used, as it may be shown, and its failures."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from turnserver.store.seam import StoreDown


def parsed(url: str) -> URL:
    """The URL with the driver that records use.

    Raises:
        StoreDown: It is no URL of a database that can keep records.
    """
    try:
        given = make_url(url)
    except SQLAlchemyError:
        raise StoreDown(f"{url!r} is no database URL; write one like sqlite:///turnserver.db") from None
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    driver = drivers.get(given.get_backend_name())
    if driver is None:
        raise StoreDown(f"{shown(url)} is neither SQLite nor PostgreSQL; write postgresql+asyncpg://HOST/NAME")
    return given.set(drivername=driver)


def shown(url: str) -> str:
    """The URL as it may be shown: without a password."""
    return make_url(url).render_as_string(hide_password=True)


@contextmanager
def failing(url: str) -> Iterator[None]:
    """Failures of the database as what they are for us.

    Raises:
        StoreDown: With the reason, and the URL without its password.
    """
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        raise StoreDown(f"cannot use the records in {shown(url)}: {reason}") from error
