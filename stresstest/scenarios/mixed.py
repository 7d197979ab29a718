"""All scenarios at the same time: of eight players two each play over the relay, play in rooms, chat, and write."""

from dataclasses import replace

from stresstest.scenarios import chat, inbox, relay, rooms
from stresstest.scenarios.player import Player
from stresstest.steps import Steps

_GAMES = (relay.game, rooms.game, chat.game, inbox.game)

SIZE_MAX = min(rooms.SIZE_MAX, chat.SIZE_MAX, inbox.SIZE_MAX)
"""The longest message that fits everywhere, in bytes."""


def game(player: Player) -> Steps[None]:
    """One game of the player's kind, which stays the same; its number among its kind is counted from 0."""
    pair = player.number // 2
    among_its_kind = pair // len(_GAMES) * 2 + player.number % 2
    return _GAMES[pair % len(_GAMES)](replace(player, number=among_its_kind))
