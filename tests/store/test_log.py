"""The log on disk: rows in order, one server at a time, and no guessing at files that are not its own."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.engines import open_log, stop_writes
from turnserver.store.log import Cleaned, ImageRow, Log, Row
from turnserver.store.seam import StoreDown


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = open_log(tmp_path)
    yield opened
    opened.close()


def rows(*numbers: int) -> list[Row]:
    return [Row(number, 1000 * number, b"entries of %d" % number) for number in numbers]


def pragma(log: Log, name: str) -> object:
    return log._connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_rows_are_read_in_order_and_in_parts(log: Log) -> None:
    for row in rows(1, 2, 3, 4):
        log.write(row)

    assert log.rows(after=0, most=3) == rows(1, 2, 3)
    assert log.rows(after=3, most=3) == rows(4)
    assert log.rows(after=4, most=3) == []


def test_rows_are_there_when_the_log_is_opened_again(tmp_path: Path) -> None:
    first = open_log(tmp_path)
    first.write(rows(1)[0])
    first.close()

    second = open_log(tmp_path)

    assert second.rows(after=0, most=9) == rows(1)
    second.close()


def test_a_row_that_is_written_again_replaces(log: Log) -> None:
    log.write(Row(1, 7, b"half"))

    log.write(rows(1)[0])

    assert log.rows(after=0, most=9) == rows(1)


def image(number: int, row: int) -> ImageRow:
    return ImageRow(number, row, b"image %d of row %d" % (number, row))


def test_a_row_can_take_the_place_of_older_ones(log: Log) -> None:
    for row in rows(1, 2, 3):
        log.write(row)

    log.write(rows(4)[0], Cleaned(upto=2))

    assert log.rows(after=0, most=9) == rows(3, 4)


def test_images_are_read_in_order_and_in_parts(log: Log) -> None:
    log.write(rows(1)[0], Cleaned([image(3, 1), image(1, 1)]))
    log.write(rows(2)[0], Cleaned([image(2, 2)]))

    assert log.images(after=0, most=2) == [image(1, 1), image(2, 2)]
    assert log.images(after=2, most=2) == [image(3, 1)]
    assert log.images(after=3, most=2) == []


def test_an_image_takes_the_place_of_the_one_before_and_goes_when_it_is_over(log: Log) -> None:
    log.write(rows(1)[0], Cleaned([image(1, 1), image(2, 1), image(3, 1)]))

    log.write(rows(2)[0], Cleaned([image(1, 2)], [2, 7]))

    assert log.images(after=0, most=9) == [image(1, 2), image(3, 1)]


def test_a_replacement_that_fails_leaves_all_as_it_was(log: Log) -> None:
    for row in rows(1, 2, 3):
        log.write(row, Cleaned([image(row.number, row.number)]))
    cleaned = Cleaned([image(3, 4)], [1], 2)
    stop_writes(log)

    with pytest.raises(StoreDown, match="cannot write the journal"):
        log.write(rows(4)[0], cleaned)
    stop_writes(log, stopped=False)

    assert log.rows(after=0, most=9) == rows(1, 2, 3)
    assert log.images(after=0, most=9) == [image(1, 1), image(2, 2), image(3, 3)]
    for _ in range(2):
        log.write(rows(4)[0], cleaned)
        assert log.rows(after=0, most=9) == rows(3, 4)
        assert log.images(after=0, most=9) == [image(2, 2), image(3, 4)]


def test_a_log_is_filled_whole_or_not_at_all(log: Log) -> None:
    def broken_off() -> Iterator[ImageRow]:
        yield image(1, 0)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        log.fill(rows(1)[0], broken_off())
    log.fill(rows(1)[0], [])
    assert (log.rows(after=0, most=9), log.images(after=0, most=9)) == ([], [])

    log.fill(rows(1)[0], [image(1, 0), image(2, 0)])
    assert (log.rows(after=0, most=9), log.images(after=0, most=9)) == (rows(1), [image(1, 0), image(2, 0)])


def test_a_failure_of_the_disk_is_told_and_passes(log: Log) -> None:
    stop_writes(log)

    with pytest.raises(StoreDown, match="cannot write the journal: attempt to write a readonly database"):
        log.write(rows(1)[0])
    stop_writes(log, stopped=False)

    log.write(rows(1)[0])
    assert log.rows(after=0, most=9) == rows(1)


def test_a_replacement_survives_that_sqlite_has_rolled_back_by_itself(log: Log) -> None:
    log.write(rows(1)[0])
    log._connection.exec_driver_sql("PRAGMA max_page_count = 3")

    with pytest.raises(StoreDown, match="full"):
        log.write(Row(2, 0, bytes(100_000)), Cleaned(upto=1))

    assert log.rows(after=0, most=9) == rows(1)


@pytest.mark.parametrize(("syncs", "synchronous"), [(True, 2), (False, 1)])
def test_a_log_that_syncs_does_so_at_each_row(tmp_path: Path, syncs: bool, synchronous: int) -> None:  # noqa: FBT001  # a table
    log = open_log(tmp_path, syncs=syncs)

    assert (pragma(log, "synchronous"), pragma(log, "journal_mode")) == (synchronous, "wal")
    log.close()


def test_a_checkpoint_moves_rows_into_the_database_file(log: Log, tmp_path: Path) -> None:
    log.write(Row(1, 0, bytes(100_000)))
    before = (tmp_path / "turnserver.db").stat().st_size

    log.checkpoint()

    assert (tmp_path / "turnserver.db").stat().st_size >= before + 100_000


def test_closing_leaves_one_whole_file_and_again_is_harmless(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.write(rows(1)[0])

    log.close()
    log.close()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["turnserver.db", "turnserver.db.lock"]


def test_a_second_server_on_the_same_file_is_told_what_to_do(log: Log, tmp_path: Path) -> None:
    with pytest.raises(StoreDown) as refused:
        open_log(tmp_path)

    file = tmp_path / "turnserver.db"
    assert str(refused.value) == (
        f"{file} is in use by another turnserver; stop it, or give this one a file of its own with --database"
    )
    assert log.rows(after=0, most=1) == []


def test_a_file_is_free_again_after_a_refusal_and_after_closing(tmp_path: Path) -> None:
    foreign_format(tmp_path / "turnserver.db", 99)
    with pytest.raises(StoreDown):
        open_log(tmp_path)
    foreign_format(tmp_path / "turnserver.db", 0)

    open_log(tmp_path).close()
    open_log(tmp_path).close()


def foreign_format(path: Path, version: int) -> None:
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {version}")
    database.close()


def test_a_file_of_another_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "turnserver.db"
    foreign_format(path, 1)

    with pytest.raises(StoreDown) as refused:
        open_log(tmp_path)

    assert str(refused.value) == (
        f"{path} has format 1; this version of turnserver reads format 3. It holds live games and messages,"
        " no accounts: move it away to begin anew, or serve it with the version that wrote it"
    )
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "turnserver.db"
    path.write_text("a letter to somebody, long enough to be looked at as a header of a database" * 20)

    with pytest.raises(StoreDown, match=r"cannot open .*turnserver\.db: file is not a database"):
        open_log(tmp_path)

    assert path.read_text().startswith("a letter")


@pytest.mark.parametrize("folder", ["missing", "letter.txt"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, folder: str) -> None:
    (tmp_path / "letter.txt").touch()

    with pytest.raises(StoreDown, match=rf"cannot open .*{folder}/turnserver\.db\.lock: N"):
        open_log(tmp_path / folder)


@pytest.mark.parametrize("url", ["postgresql://localhost/games", "sqlite://", "sqlite:///:memory:"])
def test_what_is_no_sqlite_file_is_refused(url: str) -> None:
    with pytest.raises(StoreDown, match=r"is not a SQLite file; write one like sqlite:///turnserver.db"):
        Log(url, syncs=False)


@pytest.mark.parametrize("url", ["turnserver.db", "", "sqlite:/x:y:z"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(StoreDown, match=r"is no database URL; write one like sqlite:///turnserver.db"):
        Log(url, syncs=False)
