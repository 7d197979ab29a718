"""What a process remembers of partitions: the latest, and what a cache of one is ahead."""

from typing import Any

import pytest

from turnserver.partition import Batch, Document
from turnserver.store.redis import seen as seen_module
from turnserver.store.redis.partitions import UNSEEN, Codec, Seen
from turnserver.store.redis.scripts import CHANGED, UNCHANGED
from turnserver.store.redis.seen import Known, Memory

ONE, TWO = b"\xa3one", b"\xa3two"


@pytest.fixture
def memory() -> Memory:
    return Memory(Codec(str | int))


def known(memory: Memory, name: str = "room:1") -> Known:
    found = memory.find(name)
    assert found is not None
    return found


def seen(text: str, rev: int = 1, epoch: str = "e") -> Seen:
    return Seen(epoch, rev, {"a": Document(rev, text)}, {})


def news(rev: int, value: bytes, epoch: bytes = b"e") -> list[Any]:
    return [CHANGED, 0, epoch, rev, [b"a", rev], [], [value]]


class Ahead:
    """A cache that is one document ahead, and tells what it is told."""

    def __init__(self, of: Known) -> None:
        self.told: list[str] = []
        self._of = of
        of.cache = self

    def write_back(self) -> None:
        self._of.documents = {"a": Document(self._of.rev, "ahead")}

    def invalidate(self) -> None:
        self.told.append("invalidate")

    def forget(self) -> None:
        self.told.append("forget")


def test_what_was_used_least_lately_is_forgotten(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_module, "SEEN_PARTITIONS_MAX", 2)
    for name in ("room:1", "room:2", "room:1", "room:3"):
        memory.put(name, Seen(name, 1, {}, {}))

    assert [memory.get(f"room:{number}") is UNSEEN for number in (1, 2, 3)] == [False, True, False]


def test_few_large_partitions_are_remembered(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_module, "SEEN_BYTES_MAX", 100)
    for number in range(4):
        memory.put(f"room:{number}", UNSEEN.after(Batch(append={"s": [b"x" * 40]}), 1))
    memory.forget("room:3")

    assert [memory.get(f"room:{number}") is UNSEEN for number in range(4)] == [True, True, False, True]


def test_what_a_cache_makes_large_or_uses_counts_too(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_module, "SEEN_BYTES_MAX", 100)
    for number in range(3):
        memory.put(f"room:{number}", seen("one"))
        Ahead(known(memory, f"room:{number}"))

    memory.moved(known(memory, "room:0"), 2, 60)
    memory.moved(known(memory, "room:2"), 2, 60)

    assert [memory.find(f"room:{number}") is None for number in range(3)] == [True, True, False]


def test_who_looks_sees_what_a_cache_is_ahead_and_at_which_revision(memory: Memory) -> None:
    memory.put("room:1", seen("one"))
    Ahead(known(memory))
    assert memory.get("room:1") == seen("one")

    memory.moved(known(memory), 2, 0)

    assert memory.get("room:1") == seen("ahead", 2)


def test_a_cache_is_told_of_what_others_have_done_and_of_the_end(memory: Memory) -> None:
    memory.put("room:1", seen("one"))
    cache = Ahead(known(memory))

    memory.put("room:1", seen("two", 2))
    memory.forget("room:1")
    memory.put("room:1", seen("one"))
    Ahead(known(memory)).told = cache.told
    memory.clear()

    assert cache.told == ["invalidate", "forget", "forget"]
    assert memory.get("room:1") is UNSEEN


def test_what_is_told_is_remembered_unless_something_newer_is_known(memory: Memory) -> None:
    base = memory.told("room:1", UNSEEN, news(1, ONE))
    assert memory.get("room:1") == base == seen("one")
    assert memory.told("room:1", base, [UNCHANGED, 0]) is base

    memory.told("room:1", base, news(3, TWO))
    late = memory.told("room:1", base, news(2, ONE))

    assert late == seen("one", 2)
    assert memory.get("room:1") == seen("two", 3)


@pytest.mark.parametrize(
    ("since", "told", "expected"),
    [
        (1, news(3, TWO), seen("two", 3)),
        (2, news(3, TWO), seen("two", 3)),
        (3, news(4, TWO), seen("one", 2)),  # something is missing between what is known and that
        (1, news(3, TWO, b"other"), seen("one", 2)),
        (1, news(3, b"\xc3"), seen("one", 2)),  # it cannot be read
        (1, [UNCHANGED, 0], seen("one", 2)),
        (1, None, seen("one", 2)),
    ],
)
def test_news_are_heeded_by_who_knows_what_they_begin_with(
    memory: Memory, since: int, told: list[Any] | None, expected: Seen
) -> None:
    memory.put("room:1", seen("one", 2))

    memory.heed(known(memory), since, told)

    assert memory.get("room:1") == expected


def test_news_of_what_was_forgotten_are_not_heeded(memory: Memory) -> None:
    memory.put("room:1", seen("one"))
    forgotten = known(memory)
    memory.clear()

    memory.heed(forgotten, 1, news(2, TWO))

    assert memory.find("room:1") is None
