"""What players can do: one module for each scenario, and the table of them."""

from collections.abc import Callable
from typing import NamedTuple

from stresstest.scenarios import chat, inbox, mixed, relay, rooms
from stresstest.scenarios.player import Player
from stresstest.steps import Steps


class Scenario(NamedTuple):
    """One way to load a server."""

    game: Callable[[Player], Steps[None]]
    """The steps of one game of one player, from the first request to the last."""
    rate: float | None
    """Messages a second of a player, if nothing else is asked for; None where that differs between players."""
    size_max: int
    """The longest message, in bytes."""
    words: str


TABLE: dict[str, Scenario] = {
    "relay": Scenario(relay.game, relay.RATE, 16_000, "two players each: register, pair, load, exchange updates, quit"),
    "rooms": Scenario(rooms.game, rooms.RATE, rooms.SIZE_MAX, "lock-step rooms: turns, packets, hashes compared"),
    "chat": Scenario(chat.game, chat.RATE, chat.SIZE_MAX, "users who talk and listen in channels"),
    "inbox": Scenario(inbox.game, inbox.RATE, inbox.SIZE_MAX, "two senders and a reader to each inbox"),
    "mixed": Scenario(mixed.game, None, mixed.SIZE_MAX, "two of each eight players do each of these"),
}
"""All scenarios, by name."""
