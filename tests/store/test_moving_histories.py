"""Random histories that move from Redis to a journal and back, again and again: the obvious model notices nothing."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.store.engines import open_journal, shared_redis
from tests.store.test_random_histories import MemoryMachine, answered, examined
from tests.store.wholes import Place, opened, redis_at
from turnserver.store.redis.store import RedisStore
from turnserver.store.whole import JournalWhole


class MovingMachine(MemoryMachine):
    """A store that is Redis, then a journal, then Redis again, and so on."""

    def __init__(self) -> None:
        self.folders = Path(tempfile.mkdtemp())
        self.moves = 0
        shared_redis().empty()
        super().__init__()
        self.run(answered(self.store))

    @property
    def place(self) -> Place:
        if not self.moves % 2:
            return redis_at(shared_redis().url, self.clock)
        folder = self.folders / f"{self.moves}"
        folder.mkdir(exist_ok=True)
        url = f"sqlite:///{folder / 'turnserver.db'}"
        return Place(lambda: JournalWhole(url, str | int), lambda: open_journal(folder, self.clock))

    def opened(self) -> Any:
        return self.place.store()

    def now_ms(self) -> int:
        return self.clock.now_ms if isinstance(self.store, RedisStore) else int(self.store.now_ms())

    def compare_count(self, count: int, living: int) -> None:
        """In Redis a partition whose span was made shorter is counted until it would have been over before."""
        assert count >= living

    @rule(down_ms=st.sampled_from([0, 1000, 500_000]))
    def move(self, down_ms: int) -> None:
        self.run(self.store.settle())
        self.run(self.store.close())
        self.run(self.moved())
        self.clock.now_ms += down_ms
        self.store = self.opened()
        if isinstance(self.store, RedisStore):
            self.run(answered(self.store))
        self.model.restart(self.now_ms())

    async def moved(self) -> None:
        async with opened(self.place) as source:
            images = [image async for image in source.images()]
            now_ms = await source.now_ms()
        if not images:
            return  # what is empty has no clock that could go on
        self.moves += 1
        if not self.moves % 2:
            shared_redis().empty()
        async with opened(self.place) as target:
            await target.fill(images, now_ms=now_ms)

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.folders)


def test_a_store_that_moves_does_what_the_model_does() -> None:
    examined(MovingMachine, examples=15)
