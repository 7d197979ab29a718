"""What a messenger posts: messages to users, to all, into topics and queues, and the polls of whoever reads.

Every function checks what the server would refuse, so that a mistake is found where it was made.

Source: docs/protocol.md, "Symbols"; docs/messages.md.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from turnserver.client.following import Reading
from turnserver.client.inboxes import Message, parse_messages
from turnserver.messages.inbox import Broadcast, InboxSend, QueuePoll, QueueSend, TopicPoll, TopicPublish
from turnserver.messages.requests import Request
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.wire.names import is_name

_LIMITS = Limits()


class Dispatch(NamedTuple):
    """A message that waits for its number, and the answer that says that the server has it."""

    request: Callable[[str, int], Request]
    """`(series, number)` to the request."""
    expected: Answer


def to_user(key: str, user: str, action: str, data: Any) -> Dispatch:
    """A message to one user, by the name that others see.

    Args:
        key: A server key, or a session's token.
        user: The name.
        action: What the message is about.
        data: Any value of JSON, at most 8,192 bytes as text.

    Raises:
        ValueError: The server would refuse it; here and below.
    """
    to, what, text = named(user), named(action), _text(data)
    return Dispatch(lambda series, number: InboxSend(key, to, number, what, text, series), answers.INBOX_SENT)


def to_all(key: str, action: str, data: Any) -> Dispatch:
    """A message to every user."""
    what, text = named(action), _text(data)
    return Dispatch(lambda series, number: Broadcast(key, number, what, text, series), answers.BROADCAST_SENT)


def to_topic(key: str, topic: str, action: str, data: Any) -> Dispatch:
    """A message to all who follow a topic."""
    where, what, text = named(topic), named(action), _text(data)
    return Dispatch(lambda series, number: TopicPublish(key, where, number, what, text, series), answers.PUBLISHED)


def to_queue(key: str, queue: str, action: str, data: Any) -> Dispatch:
    """A message to the program that listens to a queue."""
    where, what, text = named(queue), named(action), _text(data)
    return Dispatch(lambda series, number: QueueSend(key, where, number, what, text, series), answers.QUEUED)


def of_topic(key: str, topic: str) -> Reading[Message]:
    """What is published in a topic."""
    where = named(topic)
    return Reading(lambda cursor: TopicPoll(key, where, cursor), answers.TOPIC_MESSAGES, parse_messages)


def of_queue(key: str, queue: str) -> Reading[Message]:
    """What comes into a queue."""
    where = named(queue)
    return Reading(lambda cursor: QueuePoll(key, where, cursor), answers.QUEUE_MESSAGES, parse_messages)


def kick_data(why: str, keep: str | None) -> dict[str, str] | None:
    """The data of `kick`: why, and the token of the session that stays."""
    data = {"why": why} if why else {}
    return {**data, "keep": keep} if keep else data or None


def checked_seconds(seconds: int) -> int:
    """For how long a user is muted.

    Raises:
        ValueError: The server would refuse it.
    """
    if not 0 <= seconds <= _LIMITS.chat_mute_s_max:
        raise ValueError(f"not seconds, 0 to {_LIMITS.chat_mute_s_max:g}: {seconds!r}")
    return seconds


def named(name: str) -> str:
    """A name of a user, a topic, a queue or an action.

    Raises:
        ValueError: It is none.
    """
    if not is_name(name, bytes_max=_LIMITS.name_bytes_max):
        raise ValueError(f"not a name (1 to 64 bytes, no comma, semicolon, bar or control character): {name!r}")
    return name


def _text(data: Any) -> str:
    try:
        text = msgspec.json.encode(data).decode()
    except (TypeError, msgspec.MsgspecError, RecursionError, OverflowError) as error:
        raise ValueError(f"not a value of JSON: {error}") from None
    if len(text.encode()) > _LIMITS.inbox_data_bytes_max:
        raise ValueError(f"too large: {len(text.encode()):,} bytes of JSON, at most {_LIMITS.inbox_data_bytes_max:,}")
    return text
