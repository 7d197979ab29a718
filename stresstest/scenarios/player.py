"""One simulated player, as every scenario sees it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from stresstest.checker import Verdict
from stresstest.numbered import Message

RELAY, ROOMS, CHAT, INBOX = "relay", "rooms", "chat", "inbox"

TURN = "turn"
"""The way of a turn: from when it was due to the packet that holds it."""

WAYS = {
    RELAY: "message, due to arrival",
    ROOMS: "command, due to arrival",
    TURN: "turn, due to packet",
    CHAT: "line, due to arrival",
    INBOX: "mail, due to arrival",
}
"""The times that players feel, and what they are called in reports."""


class Ledger(Protocol):
    """Who writes down what a player finds."""

    def arrived(self, kind: str, latency_s: float | None) -> None:
        """A message arrived, that long after it was due; None if that is not to be compared."""

    def turned(self, latency_s: float) -> None:
        """A turn's packet arrived, that long after the turn was due."""

    def settled(self, kind: str, verdict: Verdict, *, is_whole: bool) -> None:
        """A game is over for this player; `is_whole` if it took its course to the end."""


@dataclass(slots=True, kw_only=True)
class Session:
    """A session of the player's, which it keeps from one game to the next."""

    token: str
    name: str
    next_number: int = 0
    """The number of the next message that it sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """What a player knows when it begins a game."""

    run: str
    """Begins the names of all players of one run, and of no others."""
    number: int
    """All players of a run are counted from 0."""
    seats: int
    """Players of a room, or of a channel of chat."""
    host: str
    """Names the machine whose clock is `clock`."""
    rate: float | None
    """Messages a second that it sends; 0 for the next as soon as the reply to the last is there; None as usual."""
    game_s: float
    """How long a game lasts, once play has begun."""
    size_bytes: int
    """The size of its messages."""
    is_exact: bool
    """Whether its counters are `n.r` or plain `n`."""
    clock: Callable[[], float]
    """Seconds; the same clock for all players of a machine."""
    is_over: Callable[[], bool]
    """True once it should come to an end."""
    chance: random.Random
    ledger: Ledger
    server_key: str = ""
    """The secret with which the server's own messages are sent; empty without one."""
    sessions: dict[str, Session] = field(default_factory=dict)
    """The player's sessions by what it uses them for."""

    @property
    def name(self) -> str:
        """The name under which it registers."""
        return f"{self.run}-{self.number}"

    def age_s(self, message: Message) -> float | None:
        """How long ago a message was due, on this machine's clock; None if it was due by another's."""
        return max(0.0, self.clock() - message.born_us / 1e6) if message.host == self.host else None
