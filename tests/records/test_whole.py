from pathlib import Path

import pytest

from tests.records.bench import ACTOR, digests, made, using
from turnserver.records.opened import Records
from turnserver.records.tables import Base
from turnserver.records.whole import STEP, Row, check_row, fill, is_empty, rows


async def all_rows(records: Records) -> list[Row]:
    async with records.database.transaction() as connection:
        return [row async for row in rows(connection)]


async def filled(records: Records, all_rows: list[Row]) -> None:
    async with records.database.transaction() as connection:
        await fill(connection, all_rows)


async def fill_by_use(records: Records) -> None:
    """At least one row in each table."""
    for number in range(3):
        account = await made(records, f"player {number}")
    await records.accounts.add_reset(account, "f" * 64, ACTOR, ends_ms=5_000_000)
    await records.operators.add("root", "hash", ACTOR)
    root = await records.operators.named("root")
    assert root is not None
    await records.console_sessions.open(root.id, digests("root")[0], ACTOR, ends_ms=10**13)
    await records.bans.add("name", "carl", ACTOR, why="spam, \N{SNOWMAN}", ends_ms=None)


def source(tmp_path: Path) -> list[Row]:
    """The rows of records in SQLite."""

    async def work(records: Records) -> list[Row]:
        await fill_by_use(records)
        return await all_rows(records)

    return using(f"sqlite:///{tmp_path}/source.db", work)


def test_rows_are_the_same_after_they_were_moved(url: str, tmp_path: Path) -> None:
    before = source(tmp_path)

    async def work(records: Records) -> list[Row]:
        await filled(records, before)
        return await all_rows(records)

    after = using(url, work)
    assert sorted(after, key=repr) == sorted(before, key=repr)
    assert {name for name, _ in after} == set(Base.metadata.tables) - {"games"}


def test_what_is_added_later_gets_numbers_of_its_own(url: str, tmp_path: Path) -> None:
    before = source(tmp_path)

    async def work(records: Records) -> list[str]:
        await filled(records, before)
        await made(records, "later")
        await records.operators.add("second", "hash", ACTOR)
        await records.bans.add("name", "dora", ACTOR, why="", ends_ms=None)
        return await records.operators.names()

    assert using(url, work) == ["root", "second"]


def test_no_row_comes_before_one_that_it_refers_to(url: str) -> None:
    async def work(records: Records) -> list[str]:
        await fill_by_use(records)
        return [name for name, _ in await all_rows(records)]

    names = using(url, work)
    assert names.index("accounts") < names.index("sessions")
    assert names.index("accounts") < names.index("reset_tokens")
    assert names.index("operators") < names.index("console_sessions")


def test_more_rows_than_one_statement_takes_are_written(url: str) -> None:
    many: list[Row] = [
        ("operators", {"id": number, "name": f"n{number}", "password": "x", "created_ms": 1})
        for number in range(1, STEP + 2)
    ]

    async def work(records: Records) -> int:
        await filled(records, many)
        return len(await records.operators.names())

    assert using(url, work) == STEP + 1


def test_records_are_empty_until_somebody_uses_them(url: str) -> None:
    async def work(records: Records) -> tuple[bool, bool]:
        async with records.database.transaction() as connection:
            before = await is_empty(connection)
        await records.operators.add("root", "hash", ACTOR)
        async with records.database.transaction() as connection:
            return before, await is_empty(connection)

    assert using(url, work) == (True, False)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("friends", {"id": 1}), "there is no table 'friends'"),
        (("operators", {"id": 1}), "other columns"),
        (("operators", {"id": 1, "name": "x", "password": "x", "created_ms": 1, "shoe": 1}), "other columns"),
    ],
)
def test_a_row_of_another_version_is_refused(row: Row, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        check_row(row)


def test_a_row_of_ours_is_taken() -> None:
    check_row(("operators", {"id": 1, "name": "x", "password": "x", "created_ms": 1}))
