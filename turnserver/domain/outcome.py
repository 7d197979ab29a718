"""What a rule answers with."""

from msgspec import Struct

from turnserver.messages.reply import Reply
from turnserver.partition import Batch


class Outcome(Struct, frozen=True, gc=False):
    """A reply, and the batch that makes it true: without one, the reply is true already.

    `watch` names what may change the reply, for a client that is willing to wait; empty where nothing can.
    """

    reply: Reply
    batch: Batch | None = None
    watch: tuple[str, ...] = ()
