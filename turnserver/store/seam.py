"""The store seam: all that a service may ask of a store, and what every store promises."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from turnserver.partition import Batch, View


class StoreDown(Exception):
    """The world's failure: the store cannot promise what it must. The request may be sent again."""


class Store(Protocol):
    """Live state in partitions, named `kind:rest`.

    Atomic: a commit changes one partition, whole or not at all, and only if every counter it expects still holds.
    Ordered: whoever sees a commit sees all that was committed to that partition before it.
    Durable: when `settle` returns, every commit that this process has seen or made is as durable as the store promises.
    Patient: a partition ends `ttl_ms` after its last commit, never earlier; time in which the store was down does
    not count.
    """

    async def read(self, name: str) -> View:
        """The partition of that name or alias as it is now; an empty view if there is none.

        Raises:
            StoreDown: The store cannot be reached.
        """
        ...

    def glance(self, name: str) -> View | None:
        """The partition as this process saw it last, or None; it may have moved since.

        Only what is committed expecting all the counters it relies on may follow from it. After a commit that was
        refused it is as new as the refusal.
        """
        ...

    async def commit(self, name: str, batch: Batch) -> bool:
        """Carry the batch out if every counter it expects holds.

        A batch that writes nothing (a sign of life) does not bring a partition into being.

        Returns:
            False if a counter has moved: nothing was done, read again. A batch that is not lasting may be on its way
            still; True promises nothing then.

        Raises:
            StoreDown: Nothing is promised to have happened.
        """
        ...

    async def wait(self, name: str, seen: Mapping[str, int], timeout_s: float) -> None:
        """Return when a counter of the partition differs from `seen`, or after `timeout_s`.

        A wake-up is a hint: it may come early, twice or for nothing. Whoever wakes reads again.
        """
        ...

    @property
    def is_settled(self) -> bool:
        """True if `settle` has nothing to wait for."""
        ...

    @property
    def is_immediate(self) -> bool:
        """True if `read`, `commit`, `count` and `scan` never suspend: the state is in this process."""
        ...

    @property
    def settling(self) -> int:
        """0 if `settle` has nothing to wait for, otherwise a number: who finds the same one waits for the same."""
        ...

    def when_settled(self, callback: Callable[[BaseException | None], None]) -> None:
        """Call back once everything committed so far is durable, or with the error if it is not.

        Callbacks come in the order in which they were given; where nothing is to be waited for, at once.
        """
        ...

    async def settle(self) -> None:
        """Return when everything committed so far is durable.

        Raises:
            StoreDown: It is not, and must not be acknowledged.
        """
        ...

    async def count(self, kind: str) -> int:
        """How many partitions of a kind there are; some whose time was just over may still count."""
        ...

    async def scan(self, kind: str) -> list[str]:
        """The names of all partitions of a kind, in no order."""
        ...

    def wake(self) -> None:
        """End every wait of this process, now and from now on: the server is about to stop."""
        ...

    async def close(self) -> None:
        """Make everything durable and let go of files and connections."""
        ...


class Watching(Protocol):
    """Somebody who waits without a task."""

    def end(self) -> None:
        """Wait no longer, and be called back by nobody. Again is harmless."""
        ...


class ImmediateStore(Store, Protocol):
    """A store whose state is in this process (`is_immediate`): a wait needs no task there."""

    def watch(
        self, seen: Sequence[tuple[str, Mapping[str, int]]], until_s: float, wake: Callable[[bytes | None], None]
    ) -> Watching:
        """Call back, once, when a counter of any of these partitions differs from what was seen, or at `until_s`.

        Args:
            seen: Partitions, each with the counters that count.
            until_s: By the event loop's clock, which is slow to ask for.
            wake: Called when a round of the event loop ends, never inside a commit or this call; with the answer, where
                whoever moved a counter had it at hand, else with None.
        """
        ...
