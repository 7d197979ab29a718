"""Cleaning: what old rows speak of is looked at a few entries a time, and then the rows can go."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.store.engines import open_log
from turnserver.store.cleaning import ENTRIES_LEAST, NOTHING, PACE, Cleaning
from turnserver.store.log import Log, Row


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = open_log(tmp_path)
    yield opened
    opened.close()


def filled(log: Log, *entry_counts: int, starts_bytes: int = 0) -> Cleaning:
    """A log with a row for each count, and its cleaning."""
    cleaning = Cleaning(log, starts_bytes=starts_bytes)
    for number, count in enumerate(entry_counts, start=1):
        names = [[0, f"room:{number}.{index}", "whatever follows"] for index in range(count)]
        row = Row(number, 0, msgspec.msgpack.encode(names))
        log.write(row)
        cleaning.added(row)
    return cleaning


def test_a_short_log_is_left_alone(log: Log) -> None:
    assert filled(log, 1, 1, starts_bytes=1000).step(2, adds=1) == NOTHING


def test_a_small_pass_is_one_step(log: Log) -> None:
    entries, upto = filled(log, 2, 1).step(2, adds=1)

    assert entries == [("room:1.0", 1), ("room:1.1", 1), ("room:2.0", 2)]
    assert upto == 2


def test_a_row_can_go_when_all_its_entries_were_looked_at(log: Log) -> None:
    cleaning = filled(log, 2, ENTRIES_LEAST)

    first, second = cleaning.step(2, adds=0), cleaning.step(2, adds=0)

    assert (len(first.entries), first.upto) == (ENTRIES_LEAST, 1)
    assert (len(second.entries), second.upto) == (2, 2)


def test_a_large_group_looks_at_more(log: Log) -> None:
    cleaning = filled(log, 1000)

    assert len(cleaning.step(1, adds=50).entries) == ENTRIES_LEAST + 50 * PACE


def test_a_pass_ends_with_the_rows_that_were_there_when_it_began(log: Log) -> None:
    cleaning = filled(log, ENTRIES_LEAST, ENTRIES_LEAST)
    cleaning.step(2, adds=0)
    newer = Row(3, 0, msgspec.msgpack.encode([[0, "room:3"]]))
    log.write(newer)
    cleaning.added(newer)

    assert cleaning.step(3, adds=0).upto == 2


def test_after_a_pass_the_log_rests_until_it_has_doubled(log: Log) -> None:
    cleaning = Cleaning(log, starts_bytes=100)
    cleaning.added(Row(1, 0, bytes(400)))
    cleaning.rest()
    cleaning.added(Row(2, 0, bytes(400)))

    assert cleaning.step(2, adds=0) == NOTHING

    log.write(Row(1, 0, msgspec.msgpack.encode([])))
    cleaning.added(Row(3, 0, bytes(1)))
    assert cleaning.step(1, adds=0).upto == 1


def test_a_row_without_entries_goes_too(log: Log) -> None:
    assert filled(log, 0, 1, 0).step(3, adds=0).upto == 3
