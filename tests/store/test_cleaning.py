"""Cleaning: what old rows tell of is written as images, a few with each row that is added, and then the rows can go."""

import msgspec
import pytest

from turnserver.partition import Document
from turnserver.store.cleaning import LOG_BYTES_PER_REWRITTEN_BYTE, PACE, SEGMENTS, WORK_LEAST, Cleaning
from turnserver.store.images import Image
from turnserver.store.log import NOTHING_CLEANED, Cleaned
from turnserver.store.memory import Partition

IMAGE_BYTES = 40
LARGE = WORK_LEAST


class Journal:
    """A journal of which only its rows count, and which partitions they tell of.

    Args:
        image_bytes: About how large each image is.
        log_bytes_least: For the cleaning; by default each row is a segment.
        is_long: Whether the log is too long, whatever is cleaned.
    """

    def __init__(self, *, image_bytes: int = IMAGE_BYTES, log_bytes_least: int = 0, is_long: bool = False) -> None:
        self.partitions: dict[str, Partition] = {}
        self._image_bytes = image_bytes
        self.cleaning = Cleaning(
            lambda partition: self.partitions.get(partition.name) is partition, log_bytes_least=log_bytes_least
        )
        self.cleaning.log_bytes = 10**9 if is_long else 0
        self.newest_row = 0
        self.images: dict[int, tuple[str, int]] = {}
        """What the log has: name and row, by number."""

    def add(self, *names: str, entries_bytes: int = 10) -> Cleaned:
        """Add a row that tells of some partitions; what was written with it."""
        for name in names:
            if name not in self.partitions:
                self.partitions[name] = Partition(name)
                self.partitions[name].documents = {"a": Document(1, "x" * self._image_bytes)}
            self.cleaning.mark(self.partitions[name])
        self.newest_row += 1
        cleaned = self.cleaning.step(self.newest_row)
        self.cleaning.added(self.newest_row, entries_bytes)
        for number in cleaned.gone:
            del self.images[number]
        for image in cleaned.images:
            decoded = msgspec.msgpack.decode(image.image, type=Image[str])
            self.images[image.number] = (decoded.name, image.row)
        return cleaned

    def end(self, name: str) -> None:
        """The next row tells that a partition has ended."""
        self.cleaning.end(self.partitions.pop(name))

    @property
    def imaged(self) -> list[str]:
        return sorted(name for name, _ in self.images.values())


def rooms(count: int) -> list[str]:
    return [f"room:{index}" for index in range(count)]


def names(cleaned: Cleaned) -> list[str]:
    return [msgspec.msgpack.decode(image.image, type=Image[str]).name for image in cleaned.images]


def test_a_short_log_is_left_alone() -> None:
    journal = Journal(log_bytes_least=1000)

    assert [journal.add("room:1", entries_bytes=100) for _ in range(11)] == [NOTHING_CLEANED] * 11


def test_a_row_can_go_when_all_that_it_tells_of_is_written() -> None:
    journal = Journal()
    journal.add("room:1", "room:2")

    cleaned = journal.add()

    assert (names(cleaned), cleaned.gone, cleaned.upto) == (["room:1", "room:2"], [], 1)
    assert (journal.cleaning.log_rows, journal.cleaning.log_bytes) == (1, 10)


def test_an_image_has_what_the_row_tells_that_it_is_written_with() -> None:
    journal = Journal()
    journal.add("room:1")

    journal.add("room:1")

    assert journal.images == {1: ("room:1", 2)}


def test_a_step_is_over_when_its_work_is_done_and_the_next_goes_on_in_the_same_rows() -> None:
    journal = Journal(image_bytes=LARGE, is_long=True)
    journal.add(*rooms(3), entries_bytes=0)
    steps = [journal.add(entries_bytes=0) for _ in range(8)]

    assert {len(cleaned.images) for cleaned in steps} == {0, 1}
    first = [cleaned.upto > 0 for cleaned in steps].index(True)
    assert sum(len(cleaned.images) for cleaned in steps[: first + 1]) == 3
    assert journal.imaged == rooms(3)


def test_a_row_that_adds_more_brings_more_images() -> None:
    journal = Journal(image_bytes=LARGE, is_long=True)
    journal.add(*rooms(1000))
    for _ in range(100):
        journal.add(entries_bytes=0)

    journal.add(entries_bytes=20 * LARGE)
    before = len(journal.images)

    assert 80 < before < 100
    assert 16 * PACE < len(journal.add().images) < 24 * PACE


def test_what_has_not_changed_is_not_written_again_and_what_has_keeps_its_number() -> None:
    journal = Journal()
    journal.add("room:1", "room:2")
    journal.add()
    images = dict(journal.images)

    for _ in range(10):
        journal.add("room:2")

    assert (journal.images[1], journal.images[2][0]) == (images[1], "room:2")
    assert journal.images[2][1] > images[2][1]


def test_what_was_written_in_the_meantime_does_not_hold_a_row() -> None:
    journal = Journal()
    journal.add("room:1")
    journal.add("room:1")

    assert journal.add().upto == 2
    assert journal.images == {1: ("room:1", 2)}


def test_what_has_ended_needs_no_image_and_its_old_one_goes() -> None:
    journal = Journal()
    journal.add("room:1")
    journal.add("room:2")
    assert journal.imaged == ["room:1"]

    journal.end("room:1")
    journal.end("room:2")
    cleaned = [journal.add(), journal.add()]

    assert [(names(one), one.gone) for one in cleaned] == [([], []), ([], [1])]
    assert journal.imaged == []


def test_what_has_ended_goes_before_what_was_begun_again_under_its_name() -> None:
    journal = Journal(image_bytes=LARGE, is_long=True)
    journal.add("room:1")
    journal.add()
    journal.end("room:1")
    journal.add("room:1", "room:2", "room:3")

    for _ in range(20):
        journal.add(entries_bytes=0)
        assert journal.imaged.count("room:1") <= 1

    assert journal.imaged == ["room:1", "room:2", "room:3"]
    assert 1 not in journal.images


def test_a_number_that_the_log_has_is_not_given_again() -> None:
    journal = Journal()
    journal.partitions["room:1"] = Partition("room:1")
    journal.cleaning.found(journal.partitions["room:1"], 7)

    journal.add("room:2")
    journal.add()

    assert journal.images == {8: ("room:2", 2)}


def test_the_rows_of_a_segment_go_at_once() -> None:
    journal = Journal(image_bytes=0, log_bytes_least=10 * SEGMENTS)
    uptos = [journal.add("room:1", entries_bytes=5).upto for _ in range(2 * SEGMENTS + 10)]

    assert not any(uptos[: 2 * SEGMENTS + 1])  # until then the log was as short as it need be
    assert [upto for upto in uptos if upto] == [2, 4, 6, 8, 10]


def test_the_rows_that_are_added_now_are_not_cleaned() -> None:
    journal = Journal(log_bytes_least=1000 * SEGMENTS)
    journal.cleaning.log_bytes = 1000 * SEGMENTS

    assert journal.add("room:1") == journal.add("room:1") == NOTHING_CLEANED


@pytest.mark.parametrize("live", [0, 50, 500])
def test_however_long_it_goes_on_the_log_stays_in_proportion_to_what_changes_again_and_again(live: int) -> None:
    image_bytes, least_bytes, entries, entry_bytes = 400, 5_000, 25, 60
    journal = Journal(image_bytes=image_bytes, log_bytes_least=least_bytes)
    journal.add(*(f"cold:{index}" for index in range(1000)))
    longest = written = 0
    for row in range(1, 6000):
        changed = {index % max(1, live) for index in range(entries * row, entries * row + entries)}
        cleaned = journal.add(*(f"room:{index}" for index in changed), entries_bytes=entries * entry_bytes)
        if row > 3000:  # long after what is cold was written
            longest = max(longest, journal.cleaning.log_bytes)
            written += sum(len(image.image) for image in cleaned.images)

    assert longest < least_bytes + 1.2 * LOG_BYTES_PER_REWRITTEN_BYTE * live * image_bytes + 3 * entries * entry_bytes
    assert written < 1.2 * 3000 * entries * entry_bytes / LOG_BYTES_PER_REWRITTEN_BYTE


@pytest.mark.parametrize("lives", [1, 30, 1000])
def test_what_begins_and_ends_does_not_let_the_log_grow(lives: int) -> None:
    journal = Journal(image_bytes=100, log_bytes_least=10_000)
    longest = 0
    for row in range(6000):
        journal.add(f"room:{row}", entries_bytes=120)
        if row >= lives:
            journal.end(f"room:{row - lives}")
        longest = max(longest, journal.cleaning.log_bytes)

    assert longest < 1.2 * 10_000


@pytest.mark.parametrize("entries_bytes", [10, 10 * WORK_LEAST])
def test_a_log_that_was_long_becomes_short_again(entries_bytes: int) -> None:
    journal = Journal(image_bytes=LARGE, log_bytes_least=5_000)
    for lap in range(20):
        for name in rooms(200):
            journal.add(name, entries_bytes=50 + lap)
    assert journal.cleaning.log_bytes > 50_000
    for name in rooms(200):
        journal.end(name)

    added = 0
    while journal.cleaning.log_bytes > 5_000 + 2 * entries_bytes:
        journal.add("room:1", entries_bytes=entries_bytes)
        added += WORK_LEAST + entries_bytes

    assert added < 200_000


def test_a_row_that_tells_of_nothing_goes_too() -> None:
    journal = Journal()
    for entries in ((), ("room:1",), ()):
        journal.add(*entries)

    assert journal.add().upto == 3
