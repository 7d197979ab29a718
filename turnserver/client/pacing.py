"""When the next turn is due, and what is reported of this player's network and machine.

The packets say how long a turn is to be and how many iterations of the simulation it has; both follow the slowest
player. A steady beat is worth more than a fast one, so a turn that comes a little late does not move the next.

Source: "1500 Archers on a 28.8", "Speed control"; docs/rooms.md, "Pace".
"""

from collections import deque

from turnserver.messages.items import Packet

ROUNDS_KEPT = 8
"""What is reported is the best round trip, and the slowest simulation, of so many turns."""

CHANGE_PARTS = 4
"""A number is reported again when it differs by more than this part of what was reported last."""

CHANGE_LEAST = 5
"""Smaller differences, in milliseconds or frames, are never worth a report."""


class Beat:
    """The times at which packets are executed.

    Args:
        turn_ms: The turn length until a packet says another.
    """

    def __init__(self, turn_ms: int) -> None:
        self.turn_ms = turn_ms
        """How long a turn is now."""
        self.iterations = 1
        """How many iterations of the simulation a turn has now."""
        self.due_s = 0.0
        """When the next packet is to be executed; in the past for at once."""

    def follow(self, packet: Packet) -> None:
        """Take over what the packet says of the pace."""
        self.turn_ms = packet.turn_ms or self.turn_ms
        self.iterations = packet.iterations or self.iterations

    def struck(self, now_s: float) -> None:
        """A packet is executed now. The next is due a turn after this one was; after a pause, a turn from now."""
        turn_s = self.turn_ms / 1000
        began_s = self.due_s if now_s - self.due_s < turn_s else now_s
        self.due_s = began_s + turn_s


class Gauge:
    """The least of what was measured in the latest turns, and when it is worth a report."""

    def __init__(self) -> None:
        self._latest: deque[int] = deque(maxlen=ROUNDS_KEPT)
        self._told: int | None = None

    def measured(self, value: int) -> None:
        """Note one measure."""
        self._latest.append(value)

    def news(self) -> int | None:
        """The least, if it is worth a report; None if it is about what was told last."""
        if not self._latest:
            return None
        value = min(self._latest)
        if self._told is not None:
            change = abs(value - self._told)
            if change < CHANGE_LEAST or change * CHANGE_PARTS <= self._told:
                return None
        return value

    def told(self, value: int | None) -> None:
        """The server has heard this value, if it is one."""
        self._told = self._told if value is None else value
