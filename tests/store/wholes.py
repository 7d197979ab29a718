"""Every kind of store as a whole, and as the store that servers use; with a clock that the test moves."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.store.engines import Clock, open_journal, open_redis, shared_cluster, shared_redis
from turnserver.store.images import Image
from turnserver.store.redis.address import parse
from turnserver.store.redis.whole import RedisWhole
from turnserver.store.seam import Store
from turnserver.store.whole import JournalWhole, Whole


class Place(NamedTuple):
    """Where live state can be."""

    whole: Callable[[], Whole]
    """All of it at once."""
    store: Callable[[], Store]
    """As a server uses it."""


def journal(folder: Path, clock: Clock) -> Place:
    """A journal in a folder of its own."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'turnserver.db'}"
    return Place(lambda: JournalWhole(url, str | int), lambda: open_journal(folder, clock))


def redis(_folder: Path, clock: Clock) -> Place:
    """A Redis with nothing in it."""
    shared_redis().empty()
    return redis_at(shared_redis().url, clock)


def redis_cluster(_folder: Path, clock: Clock) -> Place:
    """A cluster with nothing in it."""
    shared_cluster().empty()
    return redis_at(shared_cluster().url, clock)


def redis_by_its_own_clock() -> Place:
    """A Redis with nothing in it, whose clock goes on by itself."""
    shared_redis().empty()
    return redis_at(shared_redis().url, None)


def redis_at(url: str, clock: Clock | None) -> Place:
    """A Redis."""
    return Place(
        lambda: RedisWhole(parse(url), str | int, timeout_s=5, clock=clock),
        lambda: open_redis(url, clock),
    )


PLACES = {"journal": journal, "redis": redis, "redis-cluster": redis_cluster}


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[Whole]:
    """All of it, from here to the end of the block."""
    whole = place.whole()
    try:
        yield whole
    finally:
        await whole.close()


@asynccontextmanager
async def served(place: Place) -> AsyncIterator[Store]:
    """The store, from here to the end of the block."""
    store = place.store()
    try:
        yield store
    finally:
        await store.close()


async def all_of(place: Place) -> dict[str, Image[str | int]]:
    """Every partition by name, its aliases in order."""
    async with opened(place) as whole:
        images = [image async for image in whole.images()]
    assert len({image.name for image in images}) == len(images)
    return {
        image.name: Image(
            image.name, dict(image.documents), dict(image.streams), image.ttl_ms, tuple(sorted(image.aliases))
        )
        for image in images
    }


async def filled(place: Place, *images: Image[str | int], now_ms: int) -> None:
    """Put partitions there."""
    async with opened(place) as whole:
        await whole.fill(iter(images), now_ms=now_ms)
