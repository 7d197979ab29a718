"""What a caller brings to a lock-step game: how a state follows from the one before, and this player's commands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from turnserver.messages.items import Item
from turnserver.protocol.limits import Limits

S = TypeVar("S")
"""The state of a game: any value."""

Hashed = str | Mapping[str, str]
"""A hash of a state, or one by name for each of its parts."""


class Commands(tuple[str | None, ...]):  # noqa: SLOT001  # a tuple of any length cannot have slots for more
    """What all seats commanded for one generation, by seat; None for a seat that gave nothing.

    Attributes:
        iterations: How many iterations of the simulation this turn has: the same for everybody.
    """

    iterations: int

    def __new__(cls, commands: tuple[str | None, ...], iterations: int) -> Self:
        """The commands of a turn with so many iterations."""
        made = super().__new__(cls, commands)
        made.iterations = iterations
        return made


def no_commands(_generation: int, _state: object) -> str:
    """The commands of who only looks on."""
    return ""


def never(_state: object) -> bool:
    """The end of a game that goes on until the room ends."""
    return False


def nothing_to_do(*_told: object) -> None:
    """Heeds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Generic[S]):
    """What the caller brings to the loop; see `turnserver.client.rooms.Room.lockstep`."""

    step: Callable[[S, int, Commands], S]
    commands: Callable[[int, S], str] = no_commands
    until: Callable[[S], bool] = never
    digest: Callable[[S], Hashed] | None = None
    digest_every: int = 1
    framerate: int | None = None
    on_item: Callable[[Item], None] = nothing_to_do
    on_refused: Callable[[int, str], None] = nothing_to_do


def checked_commands(commands: str) -> str:
    """Commands that the server will take.

    Raises:
        ValueError: They hold a line break or half a surrogate pair, or are too long.
    """
    bytes_max = Limits().room_commands_bytes_max
    if "\n" in commands or "\r" in commands:
        raise ValueError(f"commands are one line: {commands[:80]!r}")
    if len(commands.encode()) > bytes_max:
        raise ValueError(f"commands of more than {bytes_max:,} bytes")
    return commands
