"""What a rule answers with."""

from enum import IntEnum

from msgspec import Struct

from turnserver.messages.reply import Reply
from turnserver.partition import Batch


class Held(IntEnum):
    """Whether a request waits: true once it was accepted and has waited, as new or as a repeat."""

    NO = 0
    """Its client wants an answer now."""
    WILLING = 1
    """Its client would wait, and it has not yet."""
    AS_NEW = 2
    AS_REPEAT = 3

    def __bool__(self) -> bool:
        return self >= Held.AS_NEW


class Outcome(Struct, frozen=True, gc=False):
    """A reply, and the batch that makes it true: without one, the reply is true already.

    `watch` names what may change the reply, for a client that is willing to wait; empty where nothing can.
    `is_repeat` says as what such a request was accepted.
    """

    reply: Reply
    batch: Batch | None = None
    watch: tuple[str, ...] = ()
    is_repeat: bool = False
