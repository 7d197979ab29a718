"""Reading exactly once and in order: a list is followed by its cursor, which is handed back when all was taken.

Source: docs/protocol.md, "Cursors"; docs/messages.md, "Inbox".
"""

from collections import deque
from typing import Any, NamedTuple

import msgspec

from turnserver.client.errors import ProtocolError
from turnserver.client.exchange import Steps, exchange
from turnserver.client.timing import Timing
from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import Mail
from turnserver.messages.reply import Reply
from turnserver.messenger.dispatch import Reading
from turnserver.messenger.errors import MessagesLost, refusal
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


class Following:
    """Where a reader of one list stands.

    Args:
        reading: The list.
        after: The place to go on from, of a `Message`; None is the beginning of what is kept.
        timing: The patience.

    Raises:
        ValueError: `after` is no place.
    """

    def __init__(self, reading: Reading, after: str | None, timing: Timing) -> None:
        self._reading = reading
        self._cursor = None if after is None else _place(after)
        self._timing = timing
        self._messages: deque[Message] = deque()
        self._is_lost = False
        self._was_heard = False
        self._rest_s = 0.0

    @property
    def has_news(self) -> bool:
        """True if something is there to be taken."""
        return bool(self._messages) or self._is_lost

    def take(self) -> list[Message]:
        """All messages that are there, oldest first.

        Raises:
            MessagesLost: Once, before the messages behind a gap.
        """
        self._check()
        taken = list(self._messages)
        self._messages.clear()
        return taken

    def take_one(self) -> Message | None:
        """The oldest message that is there; None if there is none.

        Raises:
            MessagesLost: As for `take`.
        """
        self._check()
        return self._messages.popleft() if self._messages else None

    def _check(self) -> None:
        if self._is_lost:
            self._is_lost = False
            raise MessagesLost("messages were let go of before they were read; what follows came after them")

    def poll(self, hold_s: int) -> Steps[None]:
        """Ask for what is new, which says that everything before was taken: only for who has taken it all.

        Args:
            hold_s: How long the server may hold the answer.

        Raises:
            TurnserverError: As `refusal` and `exchange` raise; the place is kept.
        """
        assert not self.has_news
        give_up_s = self._timing.give_up_s if self._was_heard else self._timing.first_reply_s
        answer = yield from exchange(
            self._reading.request(self._cursor),
            self._timing,
            give_up_s=give_up_s,
            wait_s=hold_s,
            pause_s=self._rest_s,
        )
        self._was_heard = True
        self._hear(answer.reply)
        # A server that does not hold is not to be asked without end.
        self._rest_s = 0.0 if self.has_news else max(0.0, self._timing.rest_s - answer.took_s)

    def _hear(self, reply: Reply) -> None:
        if reply.answer is answers.NOTHING_NEW:
            return
        if reply.answer not in (self._reading.expected, answers.LOST):
            raise refusal(reply)
        try:
            cursor, mails = parse_mails(reply.body)
            self._messages.extend(map(_message, mails))
        except ValueError as error:
            self._messages.clear()
            raise ProtocolError(f"not a reply of this protocol: {error}") from None
        self._cursor, self._is_lost = cursor, reply.answer is answers.LOST


def _message(mail: Mail) -> Message:
    after = Cursor(mail.id.epoch, mail.id.offset + 1)
    data = msgspec.json.decode(mail.data)
    return Message(cursors.encode(mail.id), mail.action, mail.sender, data, cursors.encode(after))


def _place(after: str) -> Cursor:
    cursor = cursors.parse(after)
    if cursor is None:
        raise ValueError(f"not the place of a message: {after!r}")
    return cursor
