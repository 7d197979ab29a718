from sqlalchemy import BigInteger, Text

from turnserver.records.tables import DIGEST_LETTERS, Base
from turnserver.service.secrets import digest


def test_every_time_is_in_milliseconds_and_has_room_for_them() -> None:
    times = [column for table in Base.metadata.tables.values() for column in table.c if column.name.endswith("_ms")]

    assert len(times) >= 10
    assert all(isinstance(column.type, BigInteger) for column in times)


def test_a_digest_has_the_length_of_our_digests() -> None:
    digests = [table.c.digest for table in Base.metadata.tables.values() if "digest" in table.c]

    assert len(digest("x")) == DIGEST_LETTERS
    assert {column.type.length for column in digests} == {DIGEST_LETTERS}  # type: ignore[attr-defined]  # they are String


def test_what_users_write_has_no_length_that_a_database_enforces() -> None:
    assert isinstance(Base.metadata.tables["audit"].c.details.type, Text)
    assert isinstance(Base.metadata.tables["games"].c.players.type, Text)
