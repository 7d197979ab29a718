import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.moving.test_lines import HEADER, written
from tests.records.bench import ACTOR, using
from tests.store.engines import Clock
from tests.store.wholes import Place, all_of, journal
from turnserver.moving.importing import import_all, looked_through
from turnserver.moving.lines import BadFile, Header, Partition, Reader, Record, ServerKey
from turnserver.records.opened import Records
from turnserver.store.seam import StoreDown
from turnserver.store.server_keys import ServerKeys

ROOT = Record("operators", {"id": 7, "name": "root", "password": "hash", "created_ms": 1})
LINES: list[Any] = [
    HEADER,
    ServerKey("referee", "ab" * 32),
    ROOT,
    Partition("room:1", {"a": (3, "one")}, {"s": (2, [b"x"])}, 60_000, ["by:1"]),
]


class Target:
    """Where a file is to go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.keys = ServerKeys(folder / "turnserver.keys")
        self.url = f"sqlite:///{folder}/turnserver.records.db"
        self.place: Place = journal(folder / "live", Clock())

    def take(self, lines: list[Any]) -> None:
        """Import a file of these lines."""
        path = self._folder / "world.jsonl"
        path.write_bytes(written(lines))
        reader = Reader(path, str | int)
        contents = looked_through(reader)

        async def work(records: Records) -> None:
            whole = self.place.whole()
            try:
                await import_all(reader, contents, whole, records, self.keys)
            finally:
                await whole.close()

        using(self.url, work)

    def operators(self) -> list[str]:
        return using(self.url, lambda records: records.operators.names())

    def partitions(self) -> list[str]:
        return sorted(asyncio.run(all_of(self.place)))


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(tmp_path)


def test_everything_comes_to_its_place(target: Target) -> None:
    target.take(LINES)

    assert target.keys.names() == {"ab" * 32: "referee"}
    assert target.operators() == ["root"]
    assert target.partitions() == ["room:1"]


def test_live_state_that_is_there_is_left_alone(target: Target) -> None:
    async def work() -> None:
        image = next(iter((await all_of(target.place)).values()))
        assert image.documents["a"] == (3, "one")

    target.take(LINES)
    with pytest.raises(StoreDown, match="not empty"):
        target.take([HEADER])
    asyncio.run(work())


def test_other_records_are_left_alone_and_nothing_else_is_written(target: Target) -> None:
    using(target.url, lambda records: records.operators.add("other", "hash", ACTOR))

    with pytest.raises(StoreDown, match="other records in sqlite"):
        target.take(LINES)

    assert target.operators() == ["other"]
    assert target.keys.names() == {}


def test_another_key_of_that_name_is_left_alone(target: Target) -> None:
    target.keys.add("cd" * 32, "referee")

    with pytest.raises(StoreDown, match="another server key 'referee'"):
        target.take(LINES)

    assert target.operators() == []


def test_the_very_same_keys_and_records_may_be_there(target: Target) -> None:
    target.take(LINES[:-1])

    target.take(LINES)

    assert target.operators() == ["root"]
    assert target.partitions() == ["room:1"]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([Header(1, "9.9", "0099", 0, "")], "export and import with the same version"),
        ([HEADER, Record("friends", {"id": 1})], "there is no table 'friends'"),
        ([HEADER, Record("operators", {"id": 1})], "other columns"),
    ],
)
def test_a_file_of_another_version_is_refused(target: Target, lines: list[Any], complaint: str) -> None:
    with pytest.raises(BadFile, match=complaint):
        target.take(lines)

    assert not Path(target.url.removeprefix("sqlite:///")).exists()


def test_time_goes_on_from_where_it_was(target: Target) -> None:
    async def now_ms() -> int:
        whole = target.place.whole()
        try:
            return await whole.now_ms()
        finally:
            await whole.close()

    target.take(LINES)

    assert HEADER.now_ms <= asyncio.run(now_ms()) < HEADER.now_ms + 10_000
