"""Topics: what programs publish for all who follow, and the queues of programs that listen.

    topic:TITLE, line feed, NAME    "topic": Topic, "senders": Senders, stream "log" of packed Message
    queue:NAME                      "inbox": Inbox, "senders": Senders, stream "queue" of packed Message

A topic keeps its latest messages for those who come later. A queue is an inbox that gets no broadcasts.

Source: docs/messages.md, "Topics" and "Queues".
"""

from msgspec import Struct

from turnserver.domain.feed import making_room
from turnserver.domain.inbox import LOG, SERVER, Message, Post, Senders, message_of, packed, remembering, telling
from turnserver.domain.owed import Event
from turnserver.partition import Batch, Stream, View
from turnserver.protocol.limits import Limits

ROOMS = "rooms"
"""The topic of each title in which the server tells of new rooms."""


class Topic(Struct, frozen=True, array_like=True, gc=False, tag="topic"):
    """A topic; `epoch` is that of its cursors."""

    epoch: str


def topic_partition(title: str, name: str) -> str:
    """The partition of a topic of a title."""
    # Neither a title nor a name holds a line feed, so it keeps the two apart.
    return f"topic:{title}\n{name}"


def queue_partition(name: str) -> str:
    """The partition of a program's queue."""
    return f"queue:{name}"


def opening(epoch: str, *, limits: Limits) -> Batch:
    """The batch that brings a topic into being."""
    return Batch(expect={"topic": 0}, put={"topic": Topic(epoch)}, ttl_ms=_ttl_ms(limits))


def publish(view: View, post: Post, *, limits: Limits) -> Batch | None:
    """Put a message into a topic, the oldest of which make room for it.

    Returns:
        The batch, or None for a repeat.

    Raises:
        Refused: TOO_OLD or BAD_DATA, as for `inbox.deliver`.
    """
    senders = remembering(view, post.mark, limits)
    if senders is None:
        return None
    return _appended(view, Message(view.now_ms, post.action, post.sender, post.data), "senders", senders, limits)


def tell(view: View, event: Event, *, limits: Limits) -> Batch | None:
    """Put an event of the server's own into a topic; None if it is there already."""
    sources = telling(view, event, limits)
    if sources is None:
        return None
    return _appended(view, Message(view.now_ms, event.action, SERVER, event.data), "sources", sources, limits)


def _appended(view: View, message: Message, name: str, known: Senders, limits: Limits) -> Batch:
    item, stream = packed(message), view.stream(LOG)
    upto = making_room(
        stream,
        adds_bytes=len(item),
        items_max=limits.topic_messages_max,
        bytes_max=limits.topic_bytes_max,
    )
    return Batch(
        expect={"topic": view.counter("topic"), name: view.counter(name), LOG: stream.next},
        put={name: known},
        append={LOG: (item,)},
        release={LOG: max(upto, _expired(stream, view.now_ms, limits))},
        ttl_ms=_ttl_ms(limits),
    )


def _expired(stream: Stream, now_ms: int, limits: Limits) -> int:
    """The offset of the first message that is not too old."""
    for offset, item in enumerate(stream.after(stream.first), stream.first):
        if now_ms - message_of(item).at_ms < _ttl_ms(limits):
            return offset
    return stream.next


def sign_of_life(limits: Limits) -> Batch:
    """The batch that notes that a topic is read."""
    return Batch(ttl_ms=_ttl_ms(limits), lasting=False)


def _ttl_ms(limits: Limits) -> int:
    return round(1000 * limits.topic_s)
