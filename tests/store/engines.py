"""How each engine is opened for a test. A further engine joins the whole suite with one entry in `ENGINES`."""

import atexit
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.redis_cluster import RedisCluster
from tests.redis_server import RedisServer
from turnserver.store.journal import JournalStore
from turnserver.store.log import Log
from turnserver.store.memory import MemoryStore
from turnserver.store.redis.address import parse
from turnserver.store.redis.store import RedisStore
from turnserver.store.seam import Store

TINY_LOG_BYTES = 2000
"""Cleaning starts so early that every longer test goes through it."""


class Clock:
    """The machine's clock, moved by the test."""

    def __init__(self) -> None:
        self.now_ms = 5_000

    def __call__(self) -> int:
        return self.now_ms

    def ns(self) -> int:
        return self.now_ms * 1_000_000

    async def pass_ms(self, span_ms: int) -> None:
        """Let time go by."""
        self.now_ms += span_ms


@dataclass(frozen=True)
class Bench:
    """A store, and how time passes for it: by a moved clock, or for a store with a clock of its own by waiting."""

    store: Store
    pass_ms: Callable[[int], Awaitable[None]]


Engine = Callable[[Path], AbstractAsyncContextManager[Bench]]


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[Bench]:
    clock = Clock()
    store = MemoryStore(clock)
    yield Bench(store, clock.pass_ms)
    await store.close()


@asynccontextmanager
async def journal(folder: Path) -> AsyncIterator[Bench]:
    clock = Clock()
    store = open_journal(folder, clock)
    yield Bench(store, clock.pass_ms)
    await store.close()


@asynccontextmanager
async def redis(_folder: Path) -> AsyncIterator[Bench]:
    clock = Clock()
    shared_redis().empty()
    store = open_redis(shared_redis().url, clock)
    yield Bench(store, clock.pass_ms)
    await store.close()


@asynccontextmanager
async def redis_cluster(_folder: Path) -> AsyncIterator[Bench]:
    clock = Clock()
    shared_cluster().empty()
    store = open_redis(shared_cluster().url, clock)
    yield Bench(store, clock.pass_ms)
    await store.close()


ENGINES: dict[str, Engine] = {"memory": memory, "journal": journal, "redis": redis, "redis-cluster": redis_cluster}


@cache
def shared_redis() -> RedisServer:
    """One server for all tests of this process."""
    server = RedisServer()
    atexit.register(server.__exit__, None, None, None)
    return server


@cache
def shared_cluster() -> RedisCluster:
    """One cluster of three nodes for all tests of this process."""
    cluster = RedisCluster(3)
    atexit.register(cluster.__exit__, None, None, None)
    return cluster


def open_redis(url: str, clock: Clock | None = None, **options: Any) -> RedisStore:
    """A Redis store."""
    return RedisStore(parse(url), str | int, clock=clock, **options)


def open_log(folder: Path, *, syncs: bool = False) -> Log:
    """The log in a folder; documents are texts or numbers in these tests."""
    return Log(f"sqlite:///{folder / 'turnserver.db'}", syncs=syncs)


def open_journal(folder: Path, clock: Clock | None = None, **options: Any) -> JournalStore:
    """A journal store in a folder: cleaned early, and tried again soon after a failure."""
    machine_clock = clock or Clock()
    return JournalStore(
        open_log(folder),
        str | int,
        **{"log_bytes_least": TINY_LOG_BYTES, "retry_s": 0.01, "monotonic_ns": machine_clock.ns, **options},
    )


def stop_writes(log: Log, *, stopped: bool = True) -> None:
    """Let the disk refuse what is written, or take it again: SQLite's own failure, not one of ours."""
    log._connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if stopped else 'OFF'}")
