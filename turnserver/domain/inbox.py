"""Inboxes: messages to one user and broadcasts to all, in one queue, kept until a newer cursor comes back.

    inbox:USER        "inbox": Inbox, "senders" and "sources": Senders, stream "queue" of packed Message
    broadcasts:all    "senders": Senders, stream "log" of packed Message

A commit touches one partition, so a broadcast goes into one log, and each inbox takes over what is new there *before*
anything else is put into it and before it is read. So the queue alone has an order, and one cursor: whatever was
broadcast before a message was sent stands before it.

Source: docs/messages.md, "Inbox".
"""

from typing import NamedTuple

import msgspec
from msgspec import Struct

from turnserver.domain.feed import making_room
from turnserver.domain.owed import Event
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, Stream, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LOG_PARTITION = "broadcasts:all"
"""The partition of all broadcasts."""

QUEUE, LOG = "queue", "log"
"""The streams of an inbox and of the broadcasts."""

LOST = b""
"""Stands in a queue for messages that were dropped before they came in."""

CLOSED = "closed"
"""What the cursor of a message session that was closed gets told."""

SERVER = "*"
"""Who sends what the server, or somebody with a server key, sends."""


class Message(Struct, frozen=True, array_like=True, gc=False):
    """A message; `at_ms` is the store's clock when it was sent, `data` is JSON as it was sent."""

    at_ms: int
    action: str
    sender: str
    data: str


class Inbox(Struct, frozen=True, array_like=True, gc=False, tag="inbox"):
    """A user's inbox. `epoch` is that of its cursors; broadcasts before offset `taken` of the log have come in.

    `closed` is the epoch of the latest message session that was closed, empty before the first.
    """

    epoch: str
    taken: int
    closed: str = ""


class Sender(Struct, frozen=True, array_like=True, gc=False):
    """The latest number of one sender, and what was sent under it.

    `key` is the first letters of the SHA-256 of its secret and the name of the series; for an event of the server's
    own, what it tells of.
    """

    key: str
    number: int
    digest: str


class Senders(Struct, frozen=True, array_like=True, gc=False, tag="inbox_senders"):
    """Who has sent numbered messages, latest first."""

    senders: tuple[Sender, ...] = ()


class Post(NamedTuple):
    """A message about to be stored. `mark` is who sends it under which number, None for one without a number."""

    action: str
    sender: str
    data: str
    mark: Sender | None


InboxDocument = Inbox | Senders

packed = msgspec.msgpack.Encoder().encode
"""A message as its stream keeps it."""

message_of = msgspec.msgpack.Decoder(Message).decode
"""The message that `packed` was given."""


def inbox_partition(user: str) -> str:
    """The partition of a user's inbox."""
    return f"inbox:{user}"


def opening(epoch: str, *, since: int, limits: Limits) -> Batch:
    """The batch that brings an inbox into being; `since` is the offset of the first broadcast that it gets."""
    return Batch(expect={"inbox": 0}, put={"inbox": Inbox(epoch, since)}, ttl_ms=_ttl_ms(limits))


def opening_log() -> Batch:
    """The batch that brings the log of broadcasts into being, for good."""
    return Batch(expect={"senders": 0}, put={"senders": Senders()})


def refresh(view: View, log: Stream, *, done: int, limits: Limits) -> Batch | None:
    """Let go of what is done with or too old, and take over what was broadcast, as far as there is room.

    Args:
        view: The inbox.
        log: The broadcasts.
        done: The offset up to which the reader has shown that it has everything.
        limits: The bounds and the retention time count.

    Returns:
        The batch, or None where the inbox is as it should be.
    """
    inbox: Inbox = view.value("inbox")
    stream = view.stream(QUEUE)
    upto = max(done, _expired(stream, view.now_ms, limits))
    items, taken = _taken_over(inbox, stream.released(upto), log, now_ms=view.now_ms, limits=limits)
    if upto <= stream.first and taken == inbox.taken:
        return None
    put = {"inbox": Inbox(inbox.epoch, taken, inbox.closed)} if taken != inbox.taken else {}
    expect = {"inbox": view.counter("inbox"), QUEUE: stream.next}
    return Batch(expect, put, {QUEUE: items} if items else {}, {QUEUE: upto}, _ttl_ms(limits))


def _expired(stream: Stream, now_ms: int, limits: Limits) -> int:
    """The offset of the first message that is not too old; what stands for lost ones goes with those before it."""
    upto = stream.first
    for offset, item in enumerate(stream.after(stream.first), stream.first):
        if item != LOST:
            if not _is_old(item, now_ms, limits):
                break
            upto = offset + 1
    return upto


def _is_old(item: bytes, now_ms: int, limits: Limits) -> bool:
    return now_ms - message_of(item).at_ms >= _ttl_ms(limits)


def _taken_over(inbox: Inbox, kept: Stream, log: Stream, *, now_ms: int, limits: Limits) -> tuple[list[bytes], int]:
    """The broadcasts that come in now, and the offset up to which all have."""
    taken, is_lost = max(inbox.taken, log.first), inbox.taken < log.first
    items: list[bytes] = []
    count, size = kept.next - kept.first, kept.size
    for item in log.after(taken):
        if _is_old(item, now_ms, limits):
            is_lost = True
        elif _has_room(count, size, item, limits):
            items.append(item)
            count, size = count + 1, size + 1 + len(item)
        else:
            break
        taken += 1
    return ([LOST, *items] if is_lost else items), taken


def _has_room(count: int, size: int, item: bytes, limits: Limits) -> bool:
    return count < limits.inbox_messages_max and size + 1 + len(item) <= limits.inbox_bytes_max


def deliver(view: View, post: Post, *, limits: Limits) -> Batch | None:
    """Put a message into an inbox that `refresh` has nothing to do for.

    Returns:
        The batch, or None for a repeat.

    Raises:
        Refused: TOO_OLD for a number before the sender's latest here, BAD_DATA for the latest with other data, FULL.
    """
    senders = remembering(view, post.mark, limits)
    if senders is None:
        return None
    stream = view.stream(QUEUE)
    item = packed(Message(view.now_ms, post.action, post.sender, post.data))
    if not _has_room(stream.next - stream.first, stream.size, item, limits):
        raise Refused(answers.FULL)
    expect = {name: view.counter(name) for name in ("inbox", "senders", QUEUE)}
    put = {"senders": senders} if post.mark is not None else {}
    return Batch(expect, put, {QUEUE: (item,)}, ttl_ms=_ttl_ms(limits))


def note(view: View, event: Event, *, limits: Limits) -> Batch | None:
    """Put an event of the server's own into an inbox; where there is no room, that something was lost.

    Returns:
        The batch, or None if the inbox has the event already.
    """
    sources = telling(view, event, limits)
    if sources is None:
        return None
    stream = view.stream(QUEUE)
    item = packed(Message(view.now_ms, event.action, SERVER, event.data))
    if not _has_room(stream.next - stream.first, stream.size, item, limits):
        item = LOST
    is_told = item == LOST and stream.after(stream.first)[-1] == LOST
    append = {} if is_told else {QUEUE: (item,)}
    expect = {name: view.counter(name) for name in ("inbox", "sources", QUEUE)}
    return Batch(expect, {"sources": sources}, append, ttl_ms=_ttl_ms(limits))


def check_open(view: View, cursor: Cursor | None) -> None:
    """Let a reader pass whose message session is not closed.

    Raises:
        Refused: BAD_CURSOR, with `closed`.
    """
    inbox: Inbox = view.value("inbox")
    if cursor is not None and cursor.epoch == inbox.closed:
        raise Refused(answers.BAD_CURSOR, CLOSED)


def close(view: View, cursor: Cursor | None, *, epoch: str, limits: Limits) -> Batch | None:
    """Close a message session: from now on its cursors are those of a closed one, and a new one can be opened.

    Args:
        view: An inbox that `refresh` has nothing to do for.
        cursor: One of the session's; None for whichever is open.
        epoch: A fresh one, for the cursors of the next session.
        limits: The retention time counts.

    Returns:
        The batch, or None for a session that is closed already.
    """
    inbox: Inbox = view.value("inbox")
    if cursor is not None and cursor.epoch != inbox.epoch:
        return None
    expect = {name: view.counter(name) for name in ("inbox", QUEUE)}
    return Batch(expect, {"inbox": Inbox(epoch, inbox.taken, closed=inbox.epoch)}, ttl_ms=_ttl_ms(limits))


def broadcast(log: View, post: Post, *, limits: Limits) -> Batch | None:
    """Put a message into the log of broadcasts, the oldest of which make room for it.

    Returns:
        The batch, or None for a repeat.

    Raises:
        Refused: TOO_OLD or BAD_DATA, as for `deliver`.
    """
    senders = remembering(log, post.mark, limits)
    if senders is None:
        return None
    stream = log.stream(LOG)
    item = packed(Message(log.now_ms, post.action, post.sender, post.data))
    upto = making_room(
        stream,
        adds_bytes=len(item),
        items_max=limits.inbox_messages_max,
        bytes_max=limits.inbox_bytes_max,
    )
    expect = {"senders": log.counter("senders"), LOG: stream.next}
    return Batch(expect, {"senders": senders}, {LOG: (item,)}, {LOG: upto})


def remembering(view: View, mark: Sender | None, limits: Limits) -> Senders | None:
    """Who has sent what once this has come; None if it has come already.

    Raises:
        Refused: TOO_OLD or BAD_DATA, as for `deliver`.
    """
    known: Senders = view.value("senders") or Senders()
    if mark is None:
        return known
    latest = _latest(known, mark.key)
    if latest is not None:
        _check_number(mark, latest)
        if latest.number == mark.number:
            return None
    return _remembered(known, mark, limits.inbox_senders_max)


def telling(view: View, event: Event, limits: Limits) -> Senders | None:
    """Which events of which sources have come once this has; None if it has come already, or a later one has."""
    known: Senders = view.value("sources") or Senders()
    latest = _latest(known, event.source)
    if latest is not None and latest.number >= event.number:
        return None
    return _remembered(known, Sender(event.source, event.number, ""), limits.inbox_sources_max)


def _latest(known: Senders, key: str) -> Sender | None:
    return next((sender for sender in known.senders if sender.key == key), None)


def _remembered(known: Senders, mark: Sender, count_max: int) -> Senders:
    others = [sender for sender in known.senders if sender.key != mark.key]
    return Senders((mark, *others)[:count_max])


def _check_number(mark: Sender, latest: Sender) -> None:
    if mark.number < latest.number:
        raise Refused(answers.TOO_OLD)
    if mark.number == latest.number and mark.digest != latest.digest:
        raise Refused(answers.BAD_DATA, "counter: this number came with other data")


def sign_of_life(limits: Limits) -> Batch:
    """The batch that notes that an inbox is read."""
    return Batch(ttl_ms=_ttl_ms(limits), lasting=False)


def _ttl_ms(limits: Limits) -> int:
    return round(1000 * limits.inbox_s)
