"""What is taken out of one store and put into another goes on there as if nothing had happened; of each kind."""

import asyncio
from itertools import product
from pathlib import Path

import pytest

from tests.store.engines import Clock
from tests.store.wholes import PLACES, Place, all_of, filled, opened, redis_by_its_own_clock, served
from turnserver.partition import Batch
from turnserver.store.images import Image
from turnserver.store.seam import Store, StoreDown

pytestmark = pytest.mark.anyio

MANY = 450
LONG = 2_300


@pytest.fixture(params=sorted(PLACES))
def place(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Place:
    """Somewhere empty, of each kind."""
    return PLACES[request.param](tmp_path / "place", clock)


async def fill_by_commits(store: Store) -> None:
    """What a store comes to hold in its life, at least one of everything."""
    for text in ("one", "two"):
        await store.commit("room:1", Batch(put={"a": text}, append={"s": [b"x", b"\x00\xff"]}, ttl_ms=60_000))
    await store.commit("room:1", Batch(release={"s": 1}, aliases=("by:1", "by:2", "by:3"), drops=("by:2",)))
    await store.commit("room:1", Batch(append={"gone": [b"x"]}))
    await store.commit("room:1", Batch(release={"gone": 1}))
    await store.commit("pool:", Batch(put={"n": 7}))
    await store.commit("room:2", Batch(put={"a": "over"}, ttl_ms=60_000, aliases=("by:4",)))
    await store.commit("room:2", Batch(ends=True))
    await store.commit("room:3", Batch(append={"s": [b"%d" % number for number in range(LONG)]}))
    await store.settle()


EXPECTED: dict[str, Image[str | int]] = {
    "room:1": Image(
        "room:1",
        {"a": (2, "two")},
        {"s": (1, [b"\x00\xff", b"x", b"\x00\xff"]), "gone": (1, [])},
        60_000,
        ("by:1", "by:3"),
    ),
    "pool:": Image("pool:", {"n": (1, 7)}, {}, None, ()),
    "room:3": Image("room:3", {}, {"s": (0, [b"%d" % number for number in range(LONG)])}, None, ()),
}


async def test_all_that_lives_is_found_whole(place: Place) -> None:
    async with served(place) as store:
        await fill_by_commits(store)

    assert await all_of(place) == EXPECTED


@pytest.mark.parametrize(("source", "target"), list(product(sorted(PLACES), repeat=2)))
async def test_what_is_moved_is_the_same(source: str, target: str, tmp_path: Path, clock: Clock) -> None:
    begin = PLACES[source](tmp_path / "source", clock)
    async with served(begin) as store:
        await fill_by_commits(store)
    images = await all_of(begin)
    end = PLACES[target](tmp_path / "target", clock)

    await filled(end, *images.values(), now_ms=clock())

    assert await all_of(end) == EXPECTED


async def test_a_filled_store_goes_on_from_the_very_counters(place: Place, clock: Clock) -> None:
    await filled(place, *EXPECTED.values(), now_ms=clock())

    async with served(place) as store:
        assert not await store.commit("room:1", Batch({"a": 1}, put={"a": "old"}))
        assert await store.commit(
            "room:1", Batch({"a": 2, "s": 4, "gone": 1}, put={"a": "three"}, append={"s": [b"y"]})
        )
        view = await store.read("by:1")
        assert (view.value("a"), view.counter("a"), view.counter("s")) == ("three", 3, 5)
        assert view.stream("s").after(1) == [b"\x00\xff", b"x", b"\x00\xff", b"y"]
        assert await store.count("room") == 2
        assert sorted(await store.scan("room")) == ["room:1", "room:3"]
        assert not (await store.read("by:2")).exists


async def test_names_of_a_filled_partition_go_when_it_goes(place: Place, clock: Clock) -> None:
    await filled(place, EXPECTED["room:1"], now_ms=clock())

    async with served(place) as store:
        await store.commit("by:3", Batch(ends=True))
        assert not (await store.read("by:1")).exists
        await store.commit("room:9", Batch(put={"a": "new"}, aliases=("by:1",)))
        assert (await store.read("by:1")).value("a") == "new"


async def test_a_filled_partition_has_its_whole_span_again_and_then_ends(place: Place, clock: Clock) -> None:
    await filled(place, EXPECTED["room:1"], now_ms=clock())

    async with served(place) as store:
        assert (await store.read("room:1")).exists  # a store that could not be reached before ends nothing
        await clock.pass_ms(59_000)
        assert (await store.read("room:1")).exists
        await clock.pass_ms(1_000)
        assert not (await store.read("room:1")).exists


async def test_the_clock_of_a_filled_store_is_not_behind(place: Place, clock: Clock) -> None:
    told_ms = clock() + 30_000
    await filled(place, EXPECTED["pool:"], now_ms=told_ms)
    async with opened(place) as whole:
        now_ms = await whole.now_ms()

    assert now_ms in (told_ms, clock())


async def test_many_partitions_and_many_names_fit(place: Place, clock: Clock) -> None:
    images: list[Image[str | int]] = [
        Image(f"room:{number}", {"a": (1, "x" * 2_000)}, {}, None, (f"by:{number}",)) for number in range(MANY)
    ]

    await filled(place, *images, now_ms=clock())

    assert len(await all_of(place)) == MANY
    async with served(place) as store:
        assert await store.count("room") == MANY
        assert (await store.read(f"by:{MANY - 1}")).exists


@pytest.mark.parametrize("kind", ["journal", "redis"])
async def test_nothing_ends_while_it_is_taken_out(kind: str, tmp_path: Path, clock: Clock) -> None:
    place = PLACES[kind](tmp_path / "place", clock) if kind == "journal" else redis_by_its_own_clock()
    short: Image[str | int] = Image("room:1", {"a": (1, "one")}, {}, 20, ())
    await filled(place, short, now_ms=0)

    async with opened(place) as whole:
        await whole.now_ms()
        await asyncio.sleep(0.1)
        images = [image async for image in whole.images()]

    assert [image.name for image in images] == ["room:1"]


async def test_only_what_was_never_used_is_empty(place: Place, clock: Clock) -> None:
    async with opened(place) as whole:
        await whole.check_empty()
    await filled(place, EXPECTED["pool:"], now_ms=clock())

    async with opened(place) as whole:
        with pytest.raises(StoreDown, match="is not empty"):
            await whole.check_empty()


async def test_what_a_server_uses_is_left_alone(place: Place) -> None:
    async with opened(place) as whole:
        await whole.check_unused()
    async with served(place) as store:
        await store.commit("room:1", Batch(put={"a": "one"}))

        async with opened(place) as whole:
            with pytest.raises(StoreDown, match="turnserver drain"):
                await whole.check_unused()
    async with opened(place) as whole:
        await whole.check_unused()


async def test_a_journal_that_is_not_there_is_not_made_by_looking_for_it(tmp_path: Path, clock: Clock) -> None:
    place = PLACES["journal"](tmp_path / "place", clock)

    with pytest.raises(StoreDown, match=r"there is no .*turnserver\.db"):
        await all_of(place)

    assert list((tmp_path / "place").iterdir()) == []


async def test_a_journal_is_filled_whole_or_not_at_all(tmp_path: Path, clock: Clock) -> None:
    place = PLACES["journal"](tmp_path / "place", clock)

    def broken_off() -> object:
        for number in range(MANY):
            yield Image(f"room:{number}", {"a": (1, "x" * 2_000)}, {}, None, ())
        raise StoreDown("the file ends here")

    async with opened(place) as whole:
        with pytest.raises(StoreDown, match="ends here"):
            await whole.fill(broken_off(), now_ms=clock())  # type: ignore[arg-type]  # an iterator of images, and then none

    async with opened(place) as whole:
        await whole.check_empty()
