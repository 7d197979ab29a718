"""Where replies leave, together: those that wait for the same commits, or that one round of the event loop gives.

A reply written at once wakes a client that then runs beside us for that one reply; together they wake it once.
"""

import asyncio
from functools import partial
from typing import Protocol

from turnserver.store.seam import Store


class Addressee(Protocol):
    """Whose reply waits."""

    def finish(self, reply: bytes) -> None:
        """Let the reply leave."""
        ...

    def fail(self, error: BaseException) -> None:
        """What the reply tells could not be made durable: say so in its place."""
        ...


Replies = list[tuple[Addressee, bytes]]


class Outbox:
    """Replies that wait.

    Args:
        store: Tells when a reply may leave.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._settling = 0
        self._replies: Replies = []

    def put(self, addressee: Addressee, reply: bytes) -> None:
        """Let the reply leave as soon as the store has settled, and not before this round is over."""
        settling = self._store.settling
        if self._replies and settling == self._settling:
            self._replies.append((addressee, reply))
            return
        self._settling = settling
        self._replies = [(addressee, reply)]
        if settling:
            self._store.when_settled(partial(self._settled, self._replies))
        else:
            asyncio.get_running_loop().call_soon(self._settled, self._replies, None)

    def _settled(self, replies: Replies, error: BaseException | None) -> None:
        if self._replies is replies:  # what comes from now on leaves with others
            self._replies = []
        if error is None:
            for addressee, reply in replies:
                addressee.finish(reply)
        else:
            for addressee, _ in replies:
                addressee.fail(error)
