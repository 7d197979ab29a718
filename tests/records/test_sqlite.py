from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from turnserver.records.sqlite import prepare


def engine(folder: Path) -> Engine:
    made = create_engine(f"sqlite:///{folder}/x.db", poolclass=NullPool, connect_args={"timeout": 0.01})
    prepare(made)
    return made


def test_foreign_keys_are_held(tmp_path: Path) -> None:
    with engine(tmp_path).begin() as connection:
        connection.execute(text("CREATE TABLE a (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE b (a INTEGER REFERENCES a (id))"))

        with pytest.raises(IntegrityError):
            connection.execute(text("INSERT INTO b VALUES (7)"))


def test_a_transaction_has_the_right_to_write_from_its_beginning(tmp_path: Path) -> None:
    with engine(tmp_path).begin(), pytest.raises(OperationalError, match="locked"), engine(tmp_path).begin():
        pass


def test_a_schema_is_changed_whole_or_not_at_all(tmp_path: Path) -> None:
    with engine(tmp_path).connect() as connection:
        connection.execute(text("CREATE TABLE a (id INTEGER)"))
        connection.rollback()

        assert connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one() == 0
