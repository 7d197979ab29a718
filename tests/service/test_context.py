import pytest

from tests.text_server import finished
from turnserver.domain import pool
from turnserver.partition import Batch, View
from turnserver.protocol.limits import Limits
from turnserver.service.context import KEY_LETTERS, Context, new_key
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import StoreDown

LIMITS = Limits(conflicts_max=3)


class OvertakenStore(MemoryStore):
    """A memory store in which somebody else always commits first, so many times."""

    overtaken = 0

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        if self.overtaken:
            self.overtaken -= 1
            return False
        return await super().commit(name, batch)


def note(_view: View) -> Batch:
    return pool.sign_of_life(LIMITS)


def test_a_key_is_96_random_bits_in_16_url_safe_letters() -> None:
    keys = {new_key() for _ in range(1000)}

    assert len(keys) == 1000
    assert {len(key) for key in keys} == {KEY_LETTERS}
    assert set("".join(keys)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_chance_is_0_or_1() -> None:
    context = Context(MemoryStore(lambda: 0))

    assert {context.coin() for _ in range(100)} == {0, 1}


def test_a_change_that_is_overtaken_looks_again() -> None:
    store = OvertakenStore(lambda: 0)
    store.overtaken = 2

    finished(Context(store, LIMITS).change("pool:", note))
    assert store.overtaken == 0


def test_a_change_is_given_up_when_it_is_overtaken_all_the_time() -> None:
    store = OvertakenStore(lambda: 0)
    store.overtaken = 3

    with pytest.raises(StoreDown, match="overtaken"):
        finished(Context(store, LIMITS).change("pool:", note))


def test_a_rule_that_has_nothing_to_change_commits_nothing() -> None:
    store = OvertakenStore(lambda: 0)
    store.overtaken = 1

    finished(Context(store, LIMITS).change("pool:", lambda _view: None))
    assert store.overtaken == 1
