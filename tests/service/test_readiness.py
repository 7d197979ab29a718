"""Whether the server is ready, and what the operator hears of it."""

import asyncio
import logging

import pytest

from tests.text_server import in_no_time
from turnserver.partition import View
from turnserver.service.readiness import DRAINING, READY, STORE_DOWN, Readiness
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import StoreDown


class MovingStore(MemoryStore):
    """A store that works, fails, or does not answer."""

    def __init__(self) -> None:
        super().__init__(lambda: 0)
        self.read_error: Exception | None = None
        self.settle_error: Exception | None = None
        self.is_stuck = False

    async def read(self, name: str) -> View:
        """See `Store.read`."""
        if self.is_stuck:
            await asyncio.sleep(3600)
        if self.read_error is not None:
            raise self.read_error
        return await super().read(name)

    async def settle(self) -> None:
        """See `Store.settle`."""
        if self.settle_error is not None:
            raise self.settle_error


@pytest.fixture
def store() -> MovingStore:
    """A store that works until it is told otherwise."""
    return MovingStore()


def checked(readiness: Readiness) -> str:
    return in_no_time(lambda _server: readiness.check())


def test_a_server_whose_store_works_is_ready(store: MovingStore) -> None:
    assert checked(Readiness(store)) == READY


@pytest.mark.parametrize("failing", ["read_error", "settle_error"])
def test_one_whose_store_fails_is_not(store: MovingStore, failing: str) -> None:
    setattr(store, failing, StoreDown("the disk of this machine is full"))
    readiness = Readiness(store)

    assert checked(readiness) == STORE_DOWN
    assert readiness.is_down
    setattr(store, failing, None)
    assert checked(readiness) == READY
    assert not readiness.is_down


def test_one_whose_store_does_not_answer_is_not(store: MovingStore) -> None:
    store.is_stuck = True

    assert checked(Readiness(store)) == STORE_DOWN


def test_one_that_is_about_to_stop_is_not(store: MovingStore) -> None:
    readiness = Readiness(store)
    readiness.is_draining = True

    assert checked(readiness) == DRAINING


def test_the_operator_hears_once_that_the_store_is_down_and_once_that_it_is_back(
    store: MovingStore, caplog: pytest.LogCaptureFixture
) -> None:
    readiness = Readiness(store)
    caplog.set_level(logging.INFO)
    checked(readiness)
    store.settle_error = StoreDown("the disk is full")
    checked(readiness)
    checked(readiness)
    store.settle_error = None
    checked(readiness)
    checked(readiness)

    assert [record.getMessage() for record in caplog.records] == ["store down", "store up"]
    assert vars(caplog.records[0])["fields"] == {"reason": "the disk is full"}
