"""Players of rooms, as the load plays them: a whole set-up over HTTP, then turns without end."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

BATCH_ROOMS = 8


class RoomSeat(NamedTuple):
    """A member of a room whose game has begun."""

    key: bytes
    number: int
    cursor: bytes


def rooms(port: int, count: int, seats: int) -> Iterator[list[RoomSeat]]:
    """Bring `count` rooms of `seats` players to the beginning of their games, in batches."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        for first in range(0, count, BATCH_ROOMS):
            yield from _begin(connection, min(BATCH_ROOMS, count - first), seats)


def _begin(connection: http.client.HTTPConnection, count: int, seats: int) -> list[list[RoomSeat]]:
    wishes = f'{{"engine":"bench","seed":"1","players":[{seats},{seats}],"silence_s":600}}'
    tokens = [reply[0] for reply in _ask(connection, ["62,*,*,*,*"] * (count * seats))]
    founded = _ask(connection, [f"20,{wishes},{token},*,*" for token in tokens[:count]])
    found = [[(one[1], index)] for index, one in ((0, one) for one in founded)]
    for seat in range(1, seats):
        share = tokens[seat * count : (seat + 1) * count]
        joined = _ask(connection, [f"21,{one[0]},{token},*,*" for one, token in zip(founded, share, strict=True)])
        for room, one in zip(found, joined, strict=True):
            room.append((one[1], seat))
    for seat in range(seats):
        began = _ask(connection, [f"24,1,{room[seat][0]},{seat},*" for room in found])
    return [
        [RoomSeat(key.encode(), index, cursor[0].encode()) for key, index in room]
        for room, cursor in zip(found, began, strict=True)
    ]


def _ask(connection: http.client.HTTPConnection, lines: list[str]) -> list[list[str]]:
    """The fields of the bodies of the replies to a batch."""
    connection.request("POST", "/batch", "\n".join(lines))
    replies = connection.getresponse().read().decode().split("\n")
    assert all(reply.startswith("0/") for reply in replies), replies
    return [reply.split("/", 2)[2].split("|") for reply in replies]


class Turns:
    """The requests of one seat: a turn with each packet that comes, and a poll where something else came.

    A load that starts again repeats the request that was not answered.
    """

    def __init__(self, seat: RoomSeat, commands: bytes = b"") -> None:
        self._seat, self._commands = seat, commands
        self._cursor = seat.cursor
        self.generation = 1
        self._body = self._turn()

    def next_body(self, reply: bytes) -> bytes:
        """The body of the next request."""
        if reply.startswith(b"0/26/"):
            cursor, *items = reply[5:].split(b"|")
            self._cursor = cursor
            before = self.generation
            self.generation += sum(item.startswith(b"t:") for item in items)
            self._body = self._turn() if self.generation > before else self._poll()
        elif reply:
            self._body = self._poll()
        return self._body

    def _turn(self) -> bytes:
        key, number, _ = self._seat
        return b"25,%d;;;;;%s,%s,%d,%s" % (self.generation, self._commands, key, number, self._cursor)

    def _poll(self) -> bytes:
        key, number, _ = self._seat
        return b"26,*,%s,%d,%s" % (key, number, self._cursor)
