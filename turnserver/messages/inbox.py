"""The requests of inboxes, symbols 50 to 52, and the message that a reader gets.

`number` is the sender's own running number, None for `*`; `cursor` is None for the beginning of what is kept.

Source: docs/messages.md, "Inbox".
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


class Broadcast(NamedTuple):
    """BROADCAST (52): a message to all."""

    key: str
    number: int | None
    action: str
    data: str


class Mail(NamedTuple):
    """A message as its reader gets it: `id` is the place before it; `sender` is `*` for the server."""

    id: Cursor
    action: str
    sender: str
    data: str


InboxRequest = InboxPoll | InboxSend | Broadcast
