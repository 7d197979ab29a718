"""What players can do: one module for each scenario, and the table of them."""

from collections.abc import Callable
from typing import NamedTuple

from stresstest.scenarios import relay
from stresstest.scenarios.player import Player
from stresstest.steps import Steps

PLANNED = ("rooms", "chat", "inbox", "mixed")
"""Scenarios that have a name already."""


class Scenario(NamedTuple):
    """One way to load a server."""

    game: Callable[[Player], Steps[None]]
    """The steps of one game of one player, from the first request to the last."""
    words: str


TABLE: dict[str, Scenario] = {
    "relay": Scenario(relay.game, "two players each: register, pair, load, exchange updates, quit"),
}
"""All scenarios that exist, by name."""
