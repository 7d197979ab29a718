import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from tests.records.bench import ACTOR, using
from tests.store.engines import Clock, open_redis, shared_redis
from tests.store.wholes import filled, journal
from turnserver.moving.exporting import export, new_file
from turnserver.moving.lines import End, Writer
from turnserver.records.opened import Records
from turnserver.records.schema import HEAD
from turnserver.store.images import Image
from turnserver.store.redis.address import parse
from turnserver.store.redis.store import RedisStore
from turnserver.store.redis.whole import RedisWhole
from turnserver.store.seam import StoreDown
from turnserver.store.server_keys import ServerKeys
from turnserver.store.whole import Whole

IMAGE: Image[str | int] = Image("room:1", {"a": (3, "one")}, {"s": (2, [b"x"])}, 60_000, ("by:1",))


async def exported(whole: Whole, records: Records, keys: ServerKeys) -> tuple[End, list[dict[str, object]]]:
    file = BytesIO()
    try:
        end = await export(whole, records, keys, Writer(file))
    finally:
        await whole.close()
        await records.close()
    return end, [msgspec.json.decode(line) for line in file.getvalue().splitlines()]


def test_everything_is_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/turnserver.records.db"
    using(url, lambda records: records.operators.add("root", "hash", ACTOR))
    keys = ServerKeys(tmp_path / "turnserver.keys")
    keys.add("ab" * 32, "referee")

    async def work() -> tuple[End, list[dict[str, object]]]:
        place = journal(tmp_path / "live", Clock())
        await filled(place, IMAGE, now_ms=77_000)
        return await exported(place.whole(), Records(url), keys)

    end, (header, key, *records, partition, last) = asyncio.run(work())
    assert (end.partitions, end.records, end.keys) == (1, 2, 1)
    assert header["records"] == HEAD
    assert isinstance(header["now_ms"], int)
    assert 77_000 <= header["now_ms"] < 87_000
    assert (key["name"], key["digest"]) == ("referee", "ab" * 32)
    assert [record["table"] for record in records] == ["audit", "operators"]
    assert (partition["name"], partition["streams"]) == ("room:1", {"s": [2, ["eA=="]]})
    assert last["is"] == "end"


def test_records_that_nobody_has_used_are_not_made(tmp_path: Path) -> None:
    async def work() -> End:
        place = journal(tmp_path / "live", Clock())
        await filled(place, IMAGE, now_ms=77_000)
        end, _ = await exported(
            place.whole(), Records(f"sqlite:///{tmp_path}/r.db"), ServerKeys(tmp_path / "turnserver.keys")
        )
        return end

    assert asyncio.run(work()).records == 0
    assert not (tmp_path / "r.db").exists()


def test_a_server_that_starts_meanwhile_spoils_it(tmp_path: Path) -> None:
    shared_redis().empty()

    class Meanwhile(RedisWhole):
        """While it is read, somebody starts a server."""

        async def images(self) -> AsyncGenerator[Image[str | int], None]:
            await server.read("room:1")
            async with aclosing(super().images()) as images:
                async for image in images:
                    yield image

    async def work() -> None:
        whole = Meanwhile(parse(shared_redis().url), str | int, timeout_s=5)
        try:
            await exported(whole, Records(f"sqlite:///{tmp_path}/r.db"), ServerKeys(tmp_path / "keys"))
        finally:
            await server.close()

    with asyncio.Runner() as runner:
        server = runner.run(opened_redis())
        with pytest.raises(StoreDown, match="in use by 1 server"):
            runner.run(work())


async def opened_redis() -> RedisStore:
    """The store of a server that has not used it yet."""
    return open_redis(shared_redis().url)


def test_a_new_file_is_there_when_it_is_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "world.jsonl"

    with new_file(path) as file:
        file.write(b"all of it")
        assert not path.exists()

    assert path.read_bytes() == b"all of it"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_of_a_file_that_broke_off(tmp_path: Path) -> None:
    def break_off() -> None:
        with new_file(tmp_path / "world.jsonl") as file:
            file.write(b"half")
            raise StoreDown("the disk is gone")

    with pytest.raises(StoreDown):
        break_off()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["world.jsonl", "world.jsonl.part"])
def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("old")

    with pytest.raises(FileExistsError, match=there), new_file(tmp_path / "world.jsonl"):
        pass

    assert (tmp_path / there).read_text() == "old"
