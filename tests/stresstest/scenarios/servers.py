"""The real rules as a plain call for a `World`, and what a bad server would make of their replies."""

from collections.abc import Callable

from tests.stresstest.scenarios.world import Game, Ledger, World
from tests.text_server import TextServer
from turnserver.protocol.limits import Limits

Fault = Callable[[str], str]
"""Gets the body of a reply, `CURSOR|ITEM|…`, and gives what a bad server sends in its place."""


Spoil = Callable[[list[str]], list[str]]
"""The same with the items."""


class Served(World):
    """A world whose server is this project's, on a memory store, at the world's time.

    Args:
        prefix: Replies that begin so are spoiled, of the first key that gets any to a poll.
        fault: How.
        limits: The server's.
        options: As for `World`.
    """

    def __init__(
        self,
        prefix: str = "",
        fault: Fault = str,
        *,
        limits: Limits | None = None,
        **options: float | Callable[..., bool],
    ) -> None:
        super().__init__(self._reply, **options)  # type: ignore[arg-type]  # each has its own type there
        self.server = TextServer(limits)
        self._prefix, self._fault, self._spoils = prefix, fault, ""

    def _reply(self, line: bytes) -> bytes:
        self.server.now_ms = round(1000 * self.now_s)
        reply = self.server.say(line)
        if not self._prefix or not reply.startswith(self._prefix) or line[:2] not in (b"25", b"26", b"41", b"50"):
            return reply.encode()
        key = line.decode().split(",")[-3]
        self._spoils = self._spoils or key
        body = reply.removeprefix(self._prefix)
        return (self._prefix + (self._fault(body) if key == self._spoils else body)).encode()


def played(game: Game, players: int, prefix: str = "", fault: Fault = str, *, over_s: float = 60.0) -> Ledger:
    """What players found who each played one game, of whom the first is served badly."""
    world = Served(prefix, fault, over_s=over_s)
    for _ in range(players):
        world.add(game)
    return world.run()


class Once:
    """A fault that strikes once, after a while.

    Args:
        spoil: What it does to the items of a reply.
        at: Which of the replies that have that many items is spoiled.
        least: Replies of fewer items are left alone.
    """

    def __init__(self, spoil: Spoil, *, at: int = 5, least: int = 1) -> None:
        self._spoil, self._left, self._least = spoil, at, least

    def __call__(self, body: str) -> str:
        cursor, *items = body.split("|")
        if len(items) >= self._least:
            self._left -= 1
        return "|".join((cursor, *self._spoil(items))) if self._left == 0 and len(items) >= self._least else body


def without_the_last(items: list[str]) -> list[str]:
    return items[:-1]


def with_the_last_twice(items: list[str]) -> list[str]:
    return [*items, items[-1]]


def backwards(items: list[str]) -> list[str]:
    return items[::-1]


def changed(items: list[str]) -> list[str]:
    return [item.replace("*", "+") for item in items]
