"""Replies wait for their commits, and leave together."""

import asyncio
from collections.abc import Callable
from typing import Any

from turnserver.edge.outbox import Outbox


class Store:
    """A store of which a test says what is settled."""

    def __init__(self) -> None:
        self.settling = 0
        self.waiters: list[Callable[[BaseException | None], None]] = []

    def when_settled(self, callback: Callable[[BaseException | None], None]) -> None:
        """See `Store.when_settled`."""
        self.waiters.append(callback)


class Addressee:
    """Somebody who notes what reaches it."""

    def __init__(self) -> None:
        self.got: list[object] = []

    def finish(self, reply: bytes) -> None:
        """See `outbox.Addressee`."""
        self.got.append(reply)

    def fail(self, error: BaseException) -> None:
        """See `outbox.Addressee`."""
        self.got.append(error)


def played(scenario: Callable[[Outbox, Any, Addressee], Any]) -> None:
    async def run() -> None:
        store = Store()
        await scenario(Outbox(store), store, Addressee())  # type: ignore[arg-type]  # all that an outbox asks of a store

    asyncio.run(run())


def test_what_has_nothing_to_wait_for_leaves_at_the_end_of_the_round() -> None:
    async def scenario(outbox: Outbox, _store: Store, ann: Addressee) -> None:
        outbox.put(ann, b"1")
        outbox.put(ann, b"2")
        assert ann.got == []

        await asyncio.sleep(0)
        assert ann.got == [b"1", b"2"]

        outbox.put(ann, b"3")
        await asyncio.sleep(0)
        assert ann.got == [b"1", b"2", b"3"]

    played(scenario)


def test_replies_of_one_group_ask_the_store_once_and_leave_together() -> None:
    async def scenario(outbox: Outbox, store: Store, ann: Addressee) -> None:
        store.settling = 7
        outbox.put(ann, b"1")
        outbox.put(ann, b"2")
        await asyncio.sleep(0)
        assert (ann.got, len(store.waiters)) == ([], 1)

        store.waiters.pop()(None)

        assert ann.got == [b"1", b"2"]

    played(scenario)


def test_a_reply_never_leaves_with_an_earlier_group() -> None:
    async def scenario(outbox: Outbox, store: Store, ann: Addressee) -> None:
        store.settling = 7
        outbox.put(ann, b"1")
        store.settling = 8
        outbox.put(ann, b"2")
        first, second = store.waiters

        first(None)
        assert ann.got == [b"1"]
        second(None)
        assert ann.got == [b"1", b"2"]

    played(scenario)


def test_all_replies_of_a_group_that_failed_are_taken_back() -> None:
    async def scenario(outbox: Outbox, store: Store, ann: Addressee) -> None:
        store.settling = 7
        outbox.put(ann, b"1")
        outbox.put(ann, b"2")
        failure = OSError("disk full")

        store.waiters.pop()(failure)

        assert ann.got == [failure, failure]

    played(scenario)


def test_a_reply_to_who_answers_at_once_comes_in_a_round_of_its_own() -> None:
    async def scenario(outbox: Outbox, _store: Store, ann: Addressee) -> None:
        class Eager(Addressee):
            def finish(self, reply: bytes) -> None:
                super().finish(reply)
                outbox.put(ann, b"again")

        outbox.put(Eager(), b"1")
        await asyncio.sleep(0)
        assert ann.got == []
        await asyncio.sleep(0)
        assert ann.got == [b"again"]

    played(scenario)
