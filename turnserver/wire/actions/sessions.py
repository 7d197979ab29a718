"""Actions of sessions, symbols 60 to 69.

Source: docs/json.md; docs/protocol.md, "Accounts".
"""

from typing import Annotated, Any, Self

from msgspec import Meta

from turnserver.messages.reply import Reply
from turnserver.protocol.symbols import Symbol
from turnserver.wire.actions.action import Action, Answer, Fields, Token, Who
from turnserver.wire.room_replies import parse_opened


class GuestSession(Answer, frozen=True):
    """A session for a guest."""

    token: Token
    expires_in: Annotated[int, Meta(description="Seconds that the session lives unused.")]
    username: str

    @classmethod
    def read(cls, reply: Reply, _fields: Any) -> Self:
        """See `Answer.read`."""
        return cls(*parse_opened(reply.body))


ACTIONS = (Action(Symbol.GUEST, "/guest", "Open a session without an account", Who.ANYONE, Fields, GuestSession),)
"""The family's rows."""
