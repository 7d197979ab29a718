"""Games as they are remembered: that one has begun, and how one has ended.

Source: docs/accounts.md, "What is stored".
"""

import json
from typing import NamedTuple

from turnserver.domain.documents import NO_SEAT, Match
from turnserver.domain.rooms.documents import ENDED, Room
from turnserver.partition import View

MATCH, ROOM = "match", "room"
"""The kinds of games, which are those of their partitions too."""

LEFT, FORGOTTEN, CLOSED = "left", "forgotten", "closed"
"""How a match ended: one of the two quit or fell silent; nobody knows, because both fell silent; by an operator."""


class Begun(NamedTuple):
    """A match that begins to play, or a room that was made; `players` are names in seat order, None for nobody."""

    kind: str
    game_id: str
    title: str
    players: tuple[str | None, ...]
    began_ms: int
    """Unix milliseconds."""

    @property
    def partition(self) -> str:
        """Where it lives."""
        return f"{self.kind}:{self.game_id}"


class Ended(NamedTuple):
    """How a game ended; `players` is None where they are as they were when it began."""

    how: str
    players: tuple[str | None, ...] | None = None


def end_of(kind: str, view: View) -> Ended | None:
    """How a game has ended, None for one that goes on.

    Args:
        kind: MATCH or ROOM.
        view: Its partition as it is now; empty for one that is not kept any more.
    """
    if not view.exists:
        return Ended(FORGOTTEN)
    if kind == MATCH:
        match: Match = view.value("match")
        if match.left is None:
            return None
        return Ended(CLOSED if match.left == NO_SEAT else LEFT)
    room: Room = view.value("room")
    state, _, why = room.state.partition("/")
    if state != ENDED:
        return None
    return Ended(why, tuple(None if member is None else member.name for member in room.members))


def names_text(players: tuple[str | None, ...]) -> str:
    """Names as a record keeps them: a JSON list."""
    return json.dumps(players, ensure_ascii=False)
