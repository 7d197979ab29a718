"""WORLD_STATS: figures that everybody may see; nothing in them tells one player from another.

Source: docs/protocol.md, "The world".
"""

from typing import Any

from turnserver.domain.outcome import Held, Outcome
from turnserver.messages.reply import Reply
from turnserver.messages.world import WorldStats
from turnserver.protocol import answers
from turnserver.service.census import Census, Censuses
from turnserver.service.context import Context
from turnserver.service.holding import Answered
from turnserver.wire.objects import json_text
from turnserver.wire.percent import encode


class World:
    """The use case of the whole server.

    Args:
        context: What every use case works with.
        census: Who lives.
    """

    def __init__(self, context: Context, census: Censuses) -> None:
        self._usage = context.usage
        self._census = census
        self._monotonic_s = context.monotonic_s
        self._started_s = context.monotonic_s()

    async def stats(self, _request: WorldStats, _title: str, _held: Held) -> Answered:
        """How many live here, and what was asked."""
        found = await self._census.latest()
        told = {
            "uptime_s": int(self._monotonic_s() - self._started_s),
            "population": {"sessions": found.living["session"], "players": found.living["player"]},
            "players": _living(found, "player"),
            "matches": _living(found, "match"),
            "rooms": _living(found, "room"),
            "commands": self._usage.commands,
            "messages_relayed": self._usage.messages,
        }
        return Answered(Outcome(Reply(answers.WORLD, encode(json_text(told)).encode())))


def _living(found: Census, kind: str) -> dict[str, Any]:
    return {"total": found.living[kind], "states": found.states.get(kind, {})}
