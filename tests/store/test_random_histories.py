"""Random histories: every store does what the obvious model does, and the journal still does so after any restart."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.store.engines import Clock, open_journal, open_redis, shared_redis
from tests.store.model import Model, shown
from turnserver.partition import Batch
from turnserver.store.journal import JournalStore
from turnserver.store.memory import MemoryStore
from turnserver.store.redis.server import RETRY_S_MIN
from turnserver.store.redis.store import RedisStore
from turnserver.store.seam import StoreDown

Result = TypeVar("Result")

NAMES = ("room:1", "room:2", "pool:")
STREAMS = ("s", "t")
COUNTED = ("a", "b", *STREAMS)
SHARED = "by:any"
"""A name that one partition after the other has."""


def alias(name: str) -> str:
    return f"by:{name}"


names = st.sampled_from(NAMES)
moves = st.dictionaries(st.sampled_from(COUNTED), st.sampled_from([0, 0, 0, 0, 1, -1]), max_size=3)
items = st.lists(st.binary(max_size=40), min_size=1, max_size=4)
batches = st.builds(
    Batch,
    put=st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=5), max_size=2),
    append=st.dictionaries(st.sampled_from(STREAMS), items, max_size=2),
    release=st.dictionaries(st.sampled_from(STREAMS), st.integers(0, 12), max_size=2),
    ttl_ms=st.sampled_from([None, None, 500, 3000, 100_000]),
    ends=st.sampled_from([False] * 9 + [True]),
)


class MemoryMachine(RuleBasedStateMachine):
    """Random commits to a store and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.loop = asyncio.new_event_loop()
        self.model = Model()
        self.store: Any = self.opened()

    def opened(self) -> Any:
        return MemoryStore(self.clock)

    def now_ms(self) -> int:
        """The store's clock."""
        return int(self.store.now_ms())

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    @rule(name=names, by_alias=st.booleans(), moved=moves, batch=batches, is_named=st.booleans())
    def commit(self, *, name: str, by_alias: bool, moved: dict[str, int], batch: Batch, is_named: bool) -> None:
        now_ms = self.now_ms()
        found = self.model.find(name, now_ms)
        expect = {watched: max(0, (found.counter(watched) if found else 0) + move) for watched, move in moved.items()}
        aliases = (alias(name),) if is_named else ()
        asked = alias(name) if by_alias and found and alias(name) in found.names else name
        batch = Batch(expect, batch.put, batch.append, batch.release, batch.ttl_ms, aliases, ends=batch.ends)

        self.both(asked, batch)

    @rule(name=names, also=names)
    def drop_a_name(self, name: str, also: str) -> None:
        self.both(name, Batch(drops=(alias(name), also)))

    @rule(name=names, value=st.text(max_size=5), ends=st.booleans())
    def pass_the_name_on(self, name: str, value: str, *, ends: bool) -> None:
        owner = self.model.find(SHARED, self.now_ms())
        if owner is not None and owner.name != name:
            self.both(owner.name, Batch(ends=True) if ends else Batch(drops=(SHARED,)))
        self.both(name, Batch(put={"a": value}, aliases=(SHARED,)))

    def both(self, name: str, batch: Batch) -> None:
        assert self.run(self.store.commit(name, batch)) == self.model.commit(name, batch, self.now_ms())

    @rule(name=names)
    def give_a_sign_of_life(self, name: str) -> None:
        self.both(name, Batch(lasting=False))

    @rule(span_ms=st.sampled_from([1, 400, 1000, 5000, 200_000]))
    def let_time_pass(self, span_ms: int) -> None:
        self.clock.now_ms += span_ms

    @invariant()
    def the_store_shows_counts_and_lists_what_the_model_has(self) -> None:
        self.run(self.compare())

    async def compare(self) -> None:
        now_ms = self.now_ms()
        for name in (*NAMES, *map(alias, NAMES), SHARED):
            view = await self.store.read(name)
            assert shown(view) == self.model.read(name, now_ms)
            for stream in view.streams.values():
                assert stream.size == len(b"|".join(stream.after(stream.first)))
        for kind in ("room", "pool", "by"):
            there = sorted(name for name in self.model.kept if name.startswith(f"{kind}:"))
            assert sorted(await self.store.scan(kind)) == there
            self.compare_count(await self.store.count(kind), len(there))

    def compare_count(self, count: int, living: int) -> None:
        """What is over is counted no more."""
        assert count == living

    def teardown(self) -> None:
        self.run(self.store.close())
        self.loop.close()


class JournalMachine(MemoryMachine):
    """The same, with restarts in between: after a clean end, or from what a killed process leaves on the disk."""

    store: JournalStore

    def __init__(self) -> None:
        self.folders = Path(tempfile.mkdtemp())
        self.starts = 0
        super().__init__()

    @property
    def folder(self) -> Path:
        return self.folders / f"{self.starts}"

    def opened(self) -> JournalStore:
        self.folder.mkdir(exist_ok=True)
        return open_journal(self.folder, self.clock, log_bytes_least=300)

    @rule()
    def settle(self) -> None:
        self.run(self.store.settle())

    @rule(down_ms=st.sampled_from([0, 1000, 500_000]))
    def stop_and_start(self, down_ms: int) -> None:
        self.run(self.store.close())
        self.start(down_ms)

    @rule(down_ms=st.sampled_from([0, 1000, 500_000]))
    def kill_and_start(self, down_ms: int) -> None:
        self.run(self.store.settle())
        killed = self.store, self.folder
        self.starts += 1
        shutil.copytree(killed[1], self.folder)
        self.run(killed[0].close())
        self.start(down_ms)

    def start(self, down_ms: int) -> None:
        self.clock.now_ms += down_ms
        self.store = self.opened()
        self.model.restart(self.store.now_ms())

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.folders)


async def answered(store: RedisStore) -> None:
    """Return when Redis can be reached."""
    while True:
        try:
            await store.read(NAMES[0])
        except StoreDown:
            await asyncio.sleep(RETRY_S_MIN / 5)
        else:
            return


class RedisMachine(MemoryMachine):
    """The same on Redis, by two processes in turn, which both know what there was and not what there is."""

    def __init__(self) -> None:
        shared_redis().empty()
        super().__init__()
        self.others = [self.store, self.opened()]
        self.connect()

    def opened(self) -> RedisStore:
        return open_redis(shared_redis().url, self.clock)

    def now_ms(self) -> int:
        return self.clock.now_ms

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        result = super().run(work)
        self.others.reverse()
        self.store = self.others[0]
        return result

    def compare_count(self, count: int, living: int) -> None:
        """A partition whose span was made shorter is counted until it would have been over before."""
        assert count >= living

    @rule()
    def lose_the_connections(self) -> None:
        """Both processes lose theirs: nobody could be heard, so every partition has its whole span again."""
        for store in self.others:
            store._servers._only.current.close()
        self.connect()
        self.model.restart(self.now_ms())

    def connect(self) -> None:
        for store in self.others:
            self.loop.run_until_complete(answered(store))

    def teardown(self) -> None:
        for store in self.others:
            self.loop.run_until_complete(store.close())
        self.loop.close()


def examined(machine: type[MemoryMachine], *, examples: int) -> None:
    """Run random histories through a machine."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
        ),
    )


def test_memory_does_what_the_model_does() -> None:
    examined(MemoryMachine, examples=60)


def test_the_journal_does_what_the_model_does_through_all_restarts() -> None:
    examined(JournalMachine, examples=25)


def test_redis_does_what_the_model_does_whichever_process_is_asked() -> None:
    examined(RedisMachine, examples=12)
