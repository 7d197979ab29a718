"""Cleaning: what old rows speak of is looked at a few entries a time, and then the rows can go."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.store.engines import open_log
from turnserver.store.cleaning import IMAGE_WORK, PACE, WORK_LEAST, Cleaning
from turnserver.store.log import Log, Row


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = open_log(tmp_path)
    yield opened
    opened.close()


class Journal:
    """A journal of which only its rows count: a cleaning, and the partitions that have no image yet.

    Args:
        log: Where its rows are.
        image_bytes: The size of each image.
        starts_bytes: For the cleaning.
    """

    def __init__(self, log: Log, *, image_bytes: int = 0, starts_bytes: int = 0) -> None:
        self.cleaning = Cleaning(log, starts_bytes=starts_bytes)
        self.imaged: list[str] = []
        self.newest_row = 0
        self._log = log
        self._image_bytes = image_bytes

    def add(self, *entries: str, more_bytes: int = 0) -> None:
        """Write a row about some partitions, with so many more bytes of their own."""
        self.newest_row += 1
        named = msgspec.msgpack.encode([[0, name, bytes(more_bytes)] for name in entries])
        row = Row(self.newest_row, 0, named)
        self._log.write(row)
        self.cleaning.added(row)

    def step(self) -> int:
        return self.cleaning.step(self.newest_row, self._rewrite)

    def _rewrite(self, name: str, _row: int) -> int:
        if name in self.imaged:
            return 0
        self.imaged.append(name)
        return self._image_bytes


def rooms(count: int) -> list[str]:
    return [f"room:{index}" for index in range(count)]


def test_a_short_log_is_left_alone(log: Log) -> None:
    journal = Journal(log, starts_bytes=1000)
    journal.add("room:1")

    assert journal.step() == 0
    assert journal.imaged == []


def test_a_small_pass_is_one_step(log: Log) -> None:
    journal = Journal(log)
    journal.add("room:1", "room:2")
    journal.add("room:3", "room:1")

    assert journal.step() == 2
    assert sorted(journal.imaged) == ["room:1", "room:2", "room:3"]


def test_a_step_is_over_when_its_work_is_done_and_the_next_goes_on_in_the_same_row(log: Log) -> None:
    journal = Journal(log, image_bytes=WORK_LEAST // IMAGE_WORK // 2)
    journal.add(*rooms(4))

    assert journal.step() == 0
    assert 0 < len(journal.imaged) < 4
    assert [journal.step() for _ in range(3)].count(1) == 1
    assert sorted(journal.imaged) == rooms(4)


def test_a_row_can_go_once_and_only_when_its_images_are_written(log: Log) -> None:
    journal = Journal(log)
    journal.add("room:1", more_bytes=2 * WORK_LEAST)
    journal.add("room:2", more_bytes=2 * WORK_LEAST)
    journal.add("room:3")

    told = [journal.step() for _ in range(12)]

    assert [row for row in told if row] == [1, 3]
    assert sorted(journal.imaged) == ["room:1", "room:2", "room:3"]


def test_what_ends_between_two_steps_needs_no_image(log: Log) -> None:
    journal = Journal(log, image_bytes=WORK_LEAST)
    journal.add("room:1", "room:2")
    journal.step()
    (first,) = journal.imaged
    journal.imaged.append("room:1" if first == "room:2" else "room:2")

    assert [journal.step() for _ in range(3)].count(1) == 1
    assert len(journal.imaged) == 2


def test_a_group_that_adds_more_does_more(log: Log) -> None:
    journal = Journal(log, image_bytes=WORK_LEAST)
    journal.add(*rooms(1000))
    journal.step()
    before = len(journal.imaged)

    journal.add(more_bytes=0)
    journal.add("room:0", more_bytes=100 * WORK_LEAST)
    for _ in range(100):
        journal.step()

    assert len(journal.imaged) - before == pytest.approx((PACE * 100 + 100) / IMAGE_WORK, rel=0.3)


def test_images_bring_no_more_images(log: Log) -> None:
    image_bytes = 100 * WORK_LEAST
    journal = Journal(log, image_bytes=image_bytes)
    journal.add(*rooms(20))

    for _ in range(20):
        before = len(journal.imaged)
        journal.step()
        journal.add("room:0", more_bytes=image_bytes * (len(journal.imaged) - before))

    assert len(journal.imaged) == 1


def test_a_pass_ends_with_the_rows_that_were_there_when_it_began(log: Log) -> None:
    journal = Journal(log)
    journal.add("room:1", more_bytes=WORK_LEAST)
    journal.add("room:2")
    journal.step()
    journal.add("room:3")

    assert max(journal.step() for _ in range(4)) == 2
    assert journal.imaged == ["room:1", "room:2"]


def test_after_a_pass_the_log_rests_until_it_has_grown_by_what_it_is_let_grow_to(log: Log) -> None:
    journal = Journal(log, starts_bytes=500)
    journal.add("room:1", more_bytes=600)
    assert max(journal.step() for _ in range(4)) == 1

    journal.add("room:2", more_bytes=400)
    assert journal.step() == 0

    journal.add("room:3", more_bytes=100)
    assert max(journal.step() for _ in range(4)) == 3


@pytest.mark.parametrize("live", [0, 50, 500])
def test_however_long_it_goes_on_the_log_stays_in_proportion_to_what_lives(log: Log, live: int) -> None:
    image_bytes, starts_bytes, entries = 200, 5_000, 25
    cleaning, imaged, longest = Cleaning(log, starts_bytes=starts_bytes), dict.fromkeys(rooms(live), 0), 0
    added: list[bytes] = []

    def rewrite(name: str, number: int) -> int:
        if imaged.get(name, number + 1) > number:
            return 0
        imaged[name] = row
        added.append(msgspec.msgpack.encode([1, name, bytes(image_bytes)]))
        return len(added[-1])

    for row in range(1, 3000):
        changed = [index % max(1, live) for index in range(entries * row, entries * row + entries)]
        added = [msgspec.msgpack.encode([0, f"room:{index}", bytes(60)]) for index in changed]
        upto = cleaning.step(row - 1, rewrite)
        new = Row(row, 0, msgspec.msgpack.encode([msgspec.Raw(entry) for entry in added]))
        if upto:
            log.replace(new, upto=upto)
        else:
            log.write(new)
        cleaning.added(new)
        longest = max(longest, cleaning.log_bytes)

    assert longest < 7 * (live * image_bytes + starts_bytes)


def test_a_row_without_entries_goes_too(log: Log) -> None:
    journal = Journal(log)
    for entries in ((), ("room:1",), ()):
        journal.add(*entries)

    assert journal.step() == 3
