"""The requests of inboxes, topics and queues, symbols 50 to 57, and the message that a reader gets.

`number` is the running number of one of the sender's series, None for `*`; `cursor` is None for the beginning of what
is kept.

Source: docs/messages.md, "Inbox", "Topics" and "Queues".
"""

from typing import NamedTuple

from turnserver.messages.cursor import Cursor


class InboxPoll(NamedTuple):
    """INBOX_POLL (50): what has come for me; what is before the cursor is done with."""

    token: str
    cursor: Cursor | None


class InboxSend(NamedTuple):
    """INBOX_SEND (51): a message to one user. `data` is JSON as it was sent."""

    key: str
    to: str
    number: int | None
    action: str
    data: str
    series: str = ""


class Broadcast(NamedTuple):
    """BROADCAST (52): a message to all."""

    key: str
    number: int | None
    action: str
    data: str
    series: str = ""


class TopicPublish(NamedTuple):
    """TOPIC_PUBLISH (53): a message to all who follow a topic of the title."""

    key: str
    topic: str
    number: int | None
    action: str
    data: str
    series: str = ""


class TopicPoll(NamedTuple):
    """TOPIC_POLL (54): what was published."""

    key: str
    topic: str
    cursor: Cursor | None


class QueueSend(NamedTuple):
    """QUEUE_SEND (55): a message to the program that listens to a queue."""

    key: str
    queue: str
    number: int | None
    action: str
    data: str
    series: str = ""


class QueuePoll(NamedTuple):
    """QUEUE_POLL (56): what has come for the program; what is before the cursor is done with."""

    key: str
    queue: str
    cursor: Cursor | None


class InboxClose(NamedTuple):
    """INBOX_CLOSE (57): I read no more for now; what is before the cursor is done with."""

    token: str
    cursor: Cursor | None


class Mail(NamedTuple):
    """A message as its reader gets it: `id` is the place before it; `sender` is `*` for the server."""

    id: Cursor
    action: str
    sender: str
    data: str


Sending = InboxSend | Broadcast | TopicPublish | QueueSend
"""The requests that bring a message."""

InboxRequest = InboxPoll | InboxSend | Broadcast | TopicPublish | TopicPoll | QueueSend | QueuePoll | InboxClose
