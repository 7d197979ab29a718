"""How patient a client is, in seconds."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Every time-out of the client. The defaults fit the server's defaults: 30 s of silence end a game."""

    connect_s: float = 5.0
    """Longest time to open a connection."""
    reply_s: float = 5.0
    """Longest time for a reply, beyond the hold that was asked for; then the request is repeated."""
    hold_s: int = 15
    """How long the server is asked to hold a poll. Well below 30 s with `reply_s`: a loss is noticed in time."""
    first_reply_s: float = 3.0
    """How long to try before the server has ever answered: whoever mistyped an address learns it soon."""
    give_up_s: float = 60.0
    """How long to try later on: a server that restarts takes its time, and the game goes on afterwards."""
    quit_s: float = 3.0
    """How long to try to say goodbye; the partner notices anyway, 30 s later."""
    pause_first_s: float = 0.1
    """The pause before the second repeat (the first comes at once, on a new connection); it doubles from there."""
    pause_most_s: float = 2.0
    """The longest such pause, so that a server that is back is noticed before anyone counts as silent."""
    rest_s: float = 0.25
    """The pause between polls where the server answers "nothing new" without holding them."""

    def pauses(self) -> Iterator[float]:
        """The pauses before the first, second, ... repeat of one request; without end, each at most `pause_most_s`."""
        yield 0.0
        pause_s = min(self.pause_first_s, self.pause_most_s)
        while True:
            yield pause_s
            pause_s = min(pause_s * 2, self.pause_most_s)


DEFAULT = Timing()
"""The timing of whoever asks for no other."""
