"""What a log tells when it is opened: images and rows in the order in which memory is to have them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.store.engines import open_log
from turnserver.store.entries import MOVE, Change, changed
from turnserver.store.images import IMAGE, Image
from turnserver.store.log import Cleaned, ImageRow, Log, Row
from turnserver.store.replay import STEP_IMAGES, STEP_ROWS, Replay
from turnserver.store.seam import StoreDown


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = open_log(tmp_path)
    yield opened
    opened.close()


def change(name: str, text: str) -> tuple[Any, ...]:
    return changed(name, {"a": text}, {}, {})


def image(number: int, row: int, name: str, text: str) -> ImageRow:
    packed = msgspec.msgpack.encode((IMAGE, name, {"a": (1, text)}, {}, None, ()))
    return ImageRow(number, row, packed)


def add(log: Log, number: int, *entries: tuple[Any, ...], images: tuple[ImageRow, ...] = (), upto: int = 0) -> None:
    log.write(Row(number, 10 * number, msgspec.msgpack.encode(entries)), Cleaned(images, (), upto))


def told(log: Log) -> list[str]:
    """Everything that there is, in order: `image NUMBER NAME=TEXT` and `row: NAME=TEXT`."""
    replay = Replay(log, str)
    lines = [f"image {number} {found.name}={found.documents['a'][1]}" for number, found in replay.images()]
    for row, entries, images in replay.rows():
        for entry in entries:
            text = entry.put["a"] if isinstance(entry, Change) else f"image of {entry.documents['a'][1]}"
            lines.append(f"{row.number}: {entry.name}={text}")
        lines += [f"image {number} {found.name}={found.documents['a'][1]}" for number, found in images]
    return lines


def test_an_empty_log_tells_nothing(log: Log) -> None:
    assert told(log) == []


def test_rows_are_told_in_order_and_moves_as_changes(log: Log) -> None:
    add(log, 1, change("room:1", "one"), change("room:2", "two"))
    add(log, 2, (MOVE, "room:1", "a", "three", "s", [], "t", 0))

    assert told(log) == ["1: room:1=one", "1: room:2=two", "2: room:1=three"]


def test_images_older_than_the_rows_come_first(log: Log) -> None:
    add(log, 1, change("room:1", "one"))
    add(log, 2, change("room:1", "two"), images=(image(1, 2, "room:1", "two"), image(2, 2, "room:2", "cold")), upto=1)
    add(log, 3, change("room:1", "three"), upto=2)

    assert told(log) == ["image 1 room:1=two", "image 2 room:2=cold", "3: room:1=three"]


def test_what_an_image_has_is_told_by_it_alone_and_behind_its_row(log: Log) -> None:
    add(log, 1, change("room:1", "one"), change("room:2", "one"))
    add(log, 2, change("room:1", "two"), images=(image(1, 2, "room:1", "two"),))
    add(log, 3, change("room:1", "three"), change("room:2", "three"))

    assert told(log) == ["1: room:2=one", "image 1 room:1=two", "3: room:1=three", "3: room:2=three"]


def test_images_among_the_entries_of_a_row_are_told_where_they_stand(log: Log) -> None:
    add(log, 1, change("room:1", "one"), (IMAGE, "room:2", {"a": (3, "two")}, {}, None, ()))

    assert told(log) == ["1: room:1=one", "1: room:2=image of two"]


def test_many_images_and_rows_are_all_told(log: Log) -> None:
    images, rows = 2 * STEP_IMAGES + 1, 2 * STEP_ROWS + 1
    log.fill(Row(1, 0, msgspec.msgpack.encode([])), (image(n, 0, f"room:{n}", "x") for n in range(1, images + 1)))
    for number in range(2, rows + 2):
        add(log, number, change("room:1", f"{number}"))

    assert len(told(log)) == images + rows


@pytest.mark.parametrize("entries", [b"no msgpack", b"\x91\x95\x02\x00\x00\x00\x00", b"\x91\x95\x03\x00\x00\x00\x00"])
def test_a_row_that_cannot_be_read_is_named_and_nothing_is_guessed(log: Log, entries: bytes) -> None:
    log.write(Row(7, 0, entries))

    with pytest.raises(StoreDown, match="row 7 of the journal cannot be read: "):
        told(log)


def test_an_image_that_cannot_be_read_is_named(log: Log) -> None:
    log.write(Row(7, 0, b"\x90"), Cleaned([ImageRow(3, 7, msgspec.msgpack.encode(Image("room:1", {}, {}, None, "")))]))

    with pytest.raises(StoreDown, match="image 3 of the journal cannot be read: "):
        told(log)
