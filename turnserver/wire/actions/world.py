"""The action that looks at the whole server, symbol 70.

Source: docs/json.md; docs/protocol.md, "The world".
"""

from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta, Struct

from turnserver.messages.reply import Reply
from turnserver.protocol.symbols import Symbol
from turnserver.wire.actions.action import Action, Answer, Fields, Who
from turnserver.wire.percent import decode

States = Annotated[dict[str, int], Meta(description="By state; empty where too many live to look at each.")]


class Living(Struct, frozen=True):
    """How many there are."""

    total: int
    states: States


class WorldStats(Answer, frozen=True):
    """How many live here, and what was asked since the server started."""

    uptime_s: int
    population: Annotated[dict[str, int], Meta(description="`sessions`, and `players`: registrations of the relay.")]
    players: Living
    matches: Living
    rooms: Living
    commands: Annotated[dict[str, int], Meta(description="How often each command was used, over whichever face.")]
    messages_relayed: Annotated[int, Meta(description="Updates that were taken for a partner.")]

    @classmethod
    def read(cls, reply: Reply, _fields: Any) -> Self:
        """See `Answer.read`."""
        return msgspec.json.decode(decode(reply.body.decode()), type=cls)


_SUMMARY = "Look at the whole server"

ACTIONS = (Action(Symbol.WORLD_STATS, "/world-stats", _SUMMARY, Who.ANYONE, Fields, WorldStats, ("GET", "POST")),)
"""The family's rows."""
