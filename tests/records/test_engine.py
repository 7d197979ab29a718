import asyncio

from turnserver.records.engine import CONNECTIONS, engine_of
from turnserver.records.places import IN_MEMORY


def test_an_engine_connects_as_often_as_may_be_and_one_in_memory_once() -> None:
    def connections(url: str) -> int:
        engine = engine_of(url)
        asyncio.run(engine.dispose())
        size: int = engine.pool.size()  # type: ignore[attr-defined]  # this kind of pool has one
        return size

    assert connections("sqlite:///x.db") == CONNECTIONS
    assert connections(IN_MEMORY) == 1
