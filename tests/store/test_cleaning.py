"""Cleaning: what old rows speak of is looked at a few entries a time, and then the rows can go."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.store.engines import open_log
from turnserver.store.cleaning import BYTES_LEAST, PACE, Cleaning
from turnserver.store.log import Log, Row


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = open_log(tmp_path)
    yield opened
    opened.close()


class Images:
    """Which partitions a pass asks for, each of which has an image of some size."""

    def __init__(self, image_bytes: int = 0) -> None:
        self.asked: list[tuple[str, int]] = []
        self._image_bytes = image_bytes

    def __call__(self, name: str, row: int) -> int:
        self.asked.append((name, row))
        return self._image_bytes


def filled(log: Log, *entry_counts: int, entry_bytes: int = 0, starts_bytes: int = 0) -> Cleaning:
    """A log with a row for each count, and its cleaning."""
    cleaning = Cleaning(log, starts_bytes=starts_bytes)
    for number, count in enumerate(entry_counts, start=1):
        add(log, cleaning, Row(number, 0, entries(count, number, entry_bytes)))
    return cleaning


def entries(count: int, row: int, entry_bytes: int = 0) -> bytes:
    return msgspec.msgpack.encode([[0, f"room:{row}.{index}", bytes(entry_bytes)] for index in range(count)])


def add(log: Log, cleaning: Cleaning, row: Row) -> None:
    log.write(row)
    cleaning.added(row)


def test_a_short_log_is_left_alone(log: Log) -> None:
    images = Images()

    assert filled(log, 1, 1, starts_bytes=1000).step(2, images) == 0
    assert images.asked == []


def test_a_small_pass_is_one_step(log: Log) -> None:
    images = Images()

    assert filled(log, 2, 1).step(2, images) == 2
    assert images.asked == [("room:1.0", 1), ("room:1.1", 1), ("room:2.0", 2)]


def test_a_step_is_over_when_its_bytes_are_read_and_goes_on_in_the_same_row(log: Log) -> None:
    images = Images(image_bytes=BYTES_LEAST // 4)
    cleaning = filled(log, 6)

    assert cleaning.step(1, images) == 0
    assert len(images.asked) == 4
    add(log, cleaning, Row(2, 0, b"\x90" + bytes(len(images.asked) * BYTES_LEAST // 4)))

    assert cleaning.step(2, images) == 1
    assert [name for name, _ in images.asked] == [f"room:1.{index}" for index in range(6)]


def test_rows_go_when_all_their_entries_were_dealt_with(log: Log) -> None:
    cleaning, images = filled(log, 2, 2, entry_bytes=BYTES_LEAST), Images()

    assert [cleaning.step(2, images) for _ in range(5)] == [0, 0, 1, 1, 2]


def test_a_group_that_adds_more_deals_with_more(log: Log) -> None:
    images = Images(image_bytes=BYTES_LEAST)
    cleaning = filled(log, 1000)
    row_bytes = len(entries(1000, 1))
    added = Row(2, 0, b"\x90" + bytes(row_bytes + 50 * BYTES_LEAST - 1))
    cleaning.step(1, images)
    before = len(images.asked)

    add(log, cleaning, added)
    cleaning.step(2, images)

    dealt = len(images.asked) - before
    assert 50 * PACE <= dealt <= 50 * PACE + PACE * row_bytes // BYTES_LEAST + 1


def test_images_bring_no_more_images(log: Log) -> None:
    images = Images(image_bytes=10 * BYTES_LEAST)
    cleaning = filled(log, 1000)
    cleaning.step(1, images)
    before = len(images.asked)

    for number in range(2, 12):
        add(log, cleaning, Row(number, 0, bytes(10 * BYTES_LEAST * (len(images.asked) - before))))
        before = len(images.asked)
        cleaning.step(number, images)

    assert len(images.asked) <= 2


def test_a_pass_ends_with_the_rows_that_were_there_when_it_began(log: Log) -> None:
    cleaning, images = filled(log, 1, 1, entry_bytes=BYTES_LEAST), Images()
    cleaning.step(2, images)
    add(log, cleaning, Row(3, 0, entries(1, 3)))

    assert [cleaning.step(3, images) for _ in range(3)] == [2, 0, 0]
    assert [row for _, row in images.asked] == [1, 2]


def test_after_a_pass_the_log_rests_until_it_has_doubled(log: Log) -> None:
    cleaning, images = Cleaning(log, starts_bytes=100), Images()
    cleaning.added(Row(1, 0, bytes(400)))
    cleaning.rest()
    cleaning.added(Row(2, 0, bytes(400)))

    assert cleaning.step(2, images) == 0

    log.write(Row(1, 0, msgspec.msgpack.encode([])))
    cleaning.added(Row(3, 0, bytes(1)))
    assert cleaning.step(1, images) == 1


def test_a_row_without_entries_goes_too(log: Log) -> None:
    assert filled(log, 0, 1, 0).step(3, Images()) == 3
