"""What a rule answers with."""

from enum import IntEnum

from msgspec import Struct

from turnserver.messages.reply import Reply
from turnserver.partition import Batch


class Held(IntEnum):
    """Whether a request was accepted before and has waited since, and as what it was accepted."""

    NO = 0
    AS_NEW = 1
    AS_REPEAT = 2


class Outcome(Struct, frozen=True, gc=False):
    """A reply, and the batch that makes it true: without one, the reply is true already.

    `watch` names what may change the reply, for a client that is willing to wait; empty where nothing can.
    `is_repeat` says as what such a request was accepted.
    """

    reply: Reply
    batch: Batch | None = None
    watch: tuple[str, ...] = ()
    is_repeat: bool = False
