"""The messages of inboxes, topics and queues, as their reader gets them.

Source: docs/messages.md, "Inbox".
"""

from typing import Any, NamedTuple

import msgspec

from turnserver.client.following import Reading
from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import InboxPoll, Mail
from turnserver.protocol import answers
from turnserver.wire import cursor as cursors
from turnserver.wire.inbox import parse_mails


class Message(NamedTuple):
    """A message as its reader gets it."""

    id: str
    """Another one for each message of a list."""
    action: str
    sender: str
    """The sender's name, `*` for the server and its programs."""
    data: Any
    """A value of JSON."""
    after: str
    """The place behind this message: who keeps it can go on from there, with the argument of the same name."""


def of_inbox(token: str) -> Reading[Message]:
    """What comes into the inbox of a session's user, broadcasts among it."""
    return Reading(lambda cursor: InboxPoll(token, cursor), answers.INBOX_MESSAGES, parse_messages)


def parse_messages(body: bytes) -> tuple[Cursor, list[Message]]:
    """The cursor to hand back next, and the messages, oldest first.

    Raises:
        ValueError: It is no such body.
    """
    cursor, mails = parse_mails(body)
    return cursor, [_message(mail) for mail in mails]


def _message(mail: Mail) -> Message:
    after = Cursor(mail.id.epoch, mail.id.offset + 1)
    data = msgspec.json.decode(mail.data)
    return Message(cursors.encode(mail.id), mail.action, mail.sender, data, cursors.encode(after))
