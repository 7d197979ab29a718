"""The real rules of the server over the memory store, as a plain call: what a client's steps are performed against.

Time stands still, so nobody is ever silent for too long.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from turnserver.client.exchange import Heard, Missed, Post, Steps
from turnserver.edge.exchange import Exchange
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
from turnserver.service.context import Context
from turnserver.store.memory import MemoryStore
from turnserver.wire.paths import TextPath

T = TypeVar("T")
PATH = TextPath("", is_batch=False)


class World:
    """A server that answers at once: waits are not held."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.lines: list[bytes] = []
        limits = limits or Limits()
        store = MemoryStore(lambda: 0)
        self._exchange = Exchange(Answering(Context(store, limits)), store, limits)

    def post(self, post: Post) -> Heard:
        """The reply to one post."""
        self.lines.append(post.line)
        response = finished(self._exchange.respond(post.line, PATH))
        return Heard(response.status, response.body, 0, post.pause_s)

    def silent(self, *, is_stored: bool) -> Callable[[Post], Missed]:
        """A network that brings no reply, and the requests only if these are to be stored."""

        def network(post: Post) -> Missed:
            if is_stored:
                self.post(post)
            return missed(took_s=100)

        return network

    def perform(self, steps: Steps[T]) -> T:
        """Perform steps over a network without faults."""
        return perform(steps, self.post)


def perform(steps: Steps[T], network: Callable[[Post], Heard | Missed], *, outcome: Heard | Missed | None = None) -> T:
    """Perform steps, one post after the other, over `network`; those under way go on with the latest `outcome`."""
    try:
        post = next(steps) if outcome is None else steps.send(outcome)
        while True:
            post = steps.send(network(post))
    except StopIteration as end:
        result: T = end.value
        return result


def finished(work: Awaitable[T]) -> T:
    """The result of a coroutine that never suspends."""
    awaiting = work.__await__()
    try:
        next(awaiting)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it suspended")


def scripted(outcomes: Iterable[Heard | Missed], posts: list[Post] | None = None) -> Callable[[Post], Heard | Missed]:
    """A network that answers with the given outcomes, in order, and notes what was posted."""
    remaining = iter(outcomes)

    def network(post: Post) -> Heard | Missed:
        if posts is not None:
            posts.append(post)
        return next(remaining)

    return network


def heard(line: str, *, http: int = 200, retry_after_s: int = 0, took_s: float = 0.0) -> Heard:
    """A reply."""
    return Heard(http, line.encode(), retry_after_s, took_s)


def missed(*, took_s: float = 0.0, was_sent: bool = True) -> Missed:
    """No reply."""
    return Missed("connection refused", took_s, was_sent)
