"""One player's side of a running game, as a frozen value: which update is under way, and what has come so far.

Updates are counted from 0, one at a time. Each request carries the exact counter `n.r`: n counts this player's
updates, r the partner's that were received. A request that got no reply is repeated as it was; the server knows it by
its n, stores it once, and hands out again whatever comes after r. So it does not matter which of the copies was lost.

A full buffer (21) needs care. The update was not stored, but a late copy of it may still be under way and find room.
So nothing else may ever travel under the same n. To make room for its own side the player instead repeats the number
before, without data and with its newest r: that acknowledges, brings what is new, and uses up no number. Should the
late copy have arrived meanwhile, the answer is 18, and the update under n is known to be stored.

Source: docs/protocol.md, "Counters".
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from turnserver.client.errors import ProtocolError, refusal
from turnserver.messages.relay import GameQuit, GameUpdate
from turnserver.messages.reply import Reply
from turnserver.protocol import answers

_ACCEPTED = (answers.UPDATES, answers.UNACKNOWLEDGED, answers.NOTHING_NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What one player knows of its game. `key` and `player` are what MAP_READY was answered with."""

    key: str
    player: int
    counter: int = 0
    """The number of the update under way, or of the next one."""
    received: int = 0
    """How many of the partner's updates have come."""
    data: bytes | None = None
    """What the update under way carries, b"" for a poll; None if none is under way."""
    is_blocked: bool = False
    """True after a 21, until room was made."""

    def begin(self, data: bytes) -> "Seat":
        """The seat with an update under way; the one before must have been answered."""
        assert self.data is None, "one update at a time"
        return replace(self, data=data)

    @property
    def request(self) -> GameUpdate:
        """The request to post now. It stays the same until it is answered, however often it is posted."""
        assert self.data is not None, "no update is under way"
        if self.is_blocked:
            return GameUpdate(self.key, self.player, self.counter - 1, self.received, b"")
        return GameUpdate(self.key, self.player, self.counter, self.received, self.data)

    @property
    def farewell(self) -> GameQuit:
        """The request that ends the game. It is right whether the update under way was stored or not."""
        return GameQuit(self.key, self.player, self.counter, self.received)

    def answered(self, reply: Reply) -> "Answered":
        """The seat after a reply to its request, and what the partner sent.

        Raises:
            PartnerLeft: The partner has left, and everything it sent was received before.
            GameUnknown: The server knows no such game, or not this player in it.
            ProtocolError: Any other answer; a counter that is ahead also means that the partner sent a bare `|`.
        """
        if reply.answer in _ACCEPTED:
            items = () if reply.answer is answers.NOTHING_NEW else tuple(reply.body.split(b"|"))
            return Answered(self._after(len(items)), items)
        if self.is_blocked and reply.answer is answers.COUNTER_BEHIND:
            return Answered(replace(self, is_blocked=False), ())
        if reply.answer is answers.BUFFER_FULL and not self.is_blocked:
            return Answered(self._blocked(), ())
        raise refusal(reply)

    def _after(self, count: int) -> "Seat":
        received = self.received + count
        if self.is_blocked:
            return replace(self, received=received, is_blocked=False)
        return replace(self, received=received, counter=self.counter + 1, data=None)

    def _blocked(self) -> "Seat":
        if self.counter == 0:
            raise ProtocolError("the server's buffer is too small for this text")
        return replace(self, is_blocked=True)


class Answered(NamedTuple):
    """What a reply changes: the seat, and the partner's updates that it brought, oldest first."""

    seat: Seat
    items: tuple[bytes, ...]
