"""A list that is followed, for the synchronous client."""

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, Self

from turnserver.client.connection import Connection
from turnserver.client.errors import Closed
from turnserver.client.following import Following, M
from turnserver.client.game_rules import nothing_to_do
from turnserver.client.timing import Timing


class Subscription(Generic[M]):
    """A list that is followed, for one thread. What it is of comes in order, each once, also across a server's restart.

    The server keeps what a queue or an inbox holds until the messages behind it are asked for: a program that ends
    between two messages of one reply gets all of that reply again, unless it goes on from the `after` of the latest.
    """

    def __init__(
        self,
        following: Following[M],
        connection: Connection,
        timing: Timing,
        *,
        on_close: Callable[[Any], None] = nothing_to_do,
    ) -> None:
        self._following = following
        self._connection = connection
        self._timing = timing
        self._on_close = on_close

    def receive(self, *, wait_s: float = 20.0) -> list[M]:
        """All that came, oldest first; empty if nothing came within `wait_s`. 0 does not wait.

        Raises:
            MessagesLost: Once, before what stands behind a gap: call again for that.
            NoRight: The key or the session has ended; the words say `kicked` if it was kicked, and why.
            Unreachable: The server does not answer; a later call goes on where this one stopped.
            Closed: It is closed; also to who waits in another thread. Or, the words say so, an inbox was closed from
                elsewhere.
        """
        self._await_news(wait_s)
        return self._following.take()

    def __iter__(self) -> Iterator[M]:
        """Each as it comes, until it is closed; raises as `receive`."""
        while True:
            try:
                one = self.receive_one()
            except Closed:
                if self._connection.floor.is_over:
                    return
                raise
            yield one

    def receive_one(self) -> M:
        """The next one, as soon as it has come; raises as `receive`."""
        self._connection.floor.must_go_on()
        while (one := self._following.take_one()) is None:
            self._await_news(self._timing.hold_s)
        return one

    def close(self) -> None:
        """Be done with it: threads that wait in it do so no longer, and loops over it end. From any thread."""
        self._connection.end()
        self._on_close(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _await_news(self, wait_s: float) -> None:
        self._connection.floor.must_go_on()
        ends_s = time.monotonic() + wait_s
        left_s = wait_s
        while not self._following.has_news:
            with self._connection.floor.for_waiting(lambda: self._following.has_news, wait_s=left_s) as has_floor:
                if has_floor:
                    self._connection.perform(self._following.poll(left_s))
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                return
