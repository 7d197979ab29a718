"""Players of the relay, as the load plays them: a whole set-up over HTTP, then updates without end."""

import http.client
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import NamedTuple

BATCH_LINES = 100

TEXT = b"move e2e4, thinking"
"""What each update carries."""


class Seat(NamedTuple):
    """A player in a running game."""

    game_key: str
    player: str


def matches(port: int, count: int) -> Iterator[tuple[Seat, Seat]]:
    """Bring `count` pairs of players to the start of play, in batches."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as http_connection:

        def ask(lines: list[str]) -> list[str]:
            http_connection.request("POST", "/batch", "\n".join(lines))
            return http_connection.getresponse().read().decode().split("\n")

        for first in range(0, count, 25):
            pairs = range(first, min(first + 25, count))
            names = [name for pair in pairs for name in (f"a{pair}", f"b{pair}")]
            partners = [name for pair in pairs for name in (f"b{pair}", f"a{pair}")]
            lines = [f"0,{name},*,{partner},*" for name, partner in zip(names, partners, strict=True)]
            keys = [reply.rpartition("/")[2] for reply in ask(lines)]
            for symbol in (2, 2, 3, 4):
                ask([f"{symbol},*,{key},*,*" for key in keys])
            seats = [Seat(*reply.rpartition("/")[2].split("|")) for reply in ask([f"4,*,{key},*,*" for key in keys])]
            yield from zip(seats[::2], seats[1::2], strict=True)


def updates(seat: Seat, text: bytes = TEXT) -> Callable[[bytes], bytes]:
    """The bodies of a player's updates, one after the other."""
    head, tail = b"6,%s,%s,%s," % (text, seat.game_key.encode(), seat.player.encode()), 0

    def next_body(_reply: bytes) -> bytes:
        nonlocal tail
        body = b"%s%d" % (head, tail)
        tail += 1
        return body

    return next_body


def begin(port: int, bodies: Iterable[Callable[[bytes], bytes]]) -> None:
    """Send the first update of each player, in batches: who plays has played before."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as http_connection:
        left = iter(bodies)
        while lines := [body(b"") for body in islice(left, BATCH_LINES)]:
            http_connection.request("POST", "/batch", b"\n".join(lines))
            replies = http_connection.getresponse().read().split(b"\n")
            assert all(reply.startswith(b"0/") for reply in replies), replies
