"""The hashes of this client's game: which are worth making, which to report, and whether they are the others'.

The server compares what the seats report. What it found to be agreed comes with a packet, so a viewer, or a player who
catches up and reports nothing, learns as well whether its game is still the others'.

Source: docs/rooms.md, "Hashes".
"""

from turnserver.client.errors import Diverged
from turnserver.client.game_rules import Hashed
from turnserver.messages.items import Packet

HASHES_KEPT = 64
"""How many of the latest hashes wait for the others'."""


def hash_text(hashed: Hashed) -> str:
    """A hash as it travels: the text, or `units=1f&map=07` for one by parts."""
    return hashed if isinstance(hashed, str) else "&".join(f"{name}={value}" for name, value in hashed.items())


class Hashes:
    """One client's hashes and the others'.

    Args:
        every: A hash is made for every so many generations.
    """

    def __init__(self, every: int) -> None:
        self._every = every
        self._own: dict[int, str] = {}
        self._agreed: dict[int, str] = {}
        self.unreported: tuple[int, str] | None = None
        """The newest generation and hash that the server has not heard."""

    def is_wanted(self, generation: int, *, is_news: bool) -> bool:
        """True if this generation's hash is worth making.

        Args:
            generation: What was just executed.
            is_news: False while catching up: then only what others have agreed on is worth comparing.
        """
        return generation in self._agreed or (is_news and generation % self._every == 0)

    def made(self, generation: int, hashed: Hashed) -> None:
        """Note the hash of a generation."""
        self._own[generation] = hash_text(hashed)
        self.unreported = generation, self._own[generation]
        if len(self._own) > HASHES_KEPT:
            del self._own[next(iter(self._own))]
        for passed in [one for one in self._agreed if one < generation]:
            del self._agreed[passed]

    def reported(self, generation: int | None) -> None:
        """The server has heard the hash of this generation."""
        if self.unreported is not None and self.unreported[0] == generation:
            self.unreported = None

    def agreed(self, packet: Packet) -> None:
        """Note what a packet says that all seats agree on."""
        if packet.checked is not None:
            self._agreed[packet.checked] = packet.hash

    def check(self, seat: int | None) -> None:
        """Compare what the others agreed on with this client's own.

        Args:
            seat: This client's; -1 stands for a viewer in the error.

        Raises:
            Diverged: They differ.
        """
        for generation in self._own.keys() & self._agreed.keys():
            own, theirs = self._own[generation], self._agreed.pop(generation)
            if own != theirs:
                raise Diverged(generation, {-1 if seat is None else seat: own, None: theirs})
