"""Who posts a message, with which right and under which number; and messages as they are told."""

from turnserver.domain.feed import News
from turnserver.domain.inbox import LOST, SERVER, Post, Sender, message_of
from turnserver.domain.sessions import Session
from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import Mail, Sending
from turnserver.messages.reply import Refused, Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.service.context import SERVER_KEY_LETTERS, Context
from turnserver.service.secrets import digest
from turnserver.service.sessions import Sessions
from turnserver.wire.inbox import mail_item
from turnserver.wire.room_replies import items_body

MARK_LETTERS = 16
"""64 bits of a SHA-256: enough to tell the few apart who send to one inbox, and what they send."""


class Posting:
    """Turns requests that bring a message into what is to be stored."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions

    def is_server_key(self, key: str) -> bool:
        """True for a server key that is in use, False for what is none by its length.

        Raises:
            Refused: NO_RIGHT for one that is not in use.
        """
        return self.holder(key) is not None

    def holder(self, key: str) -> str | None:
        """The name of a server key that is in use, None for what is none by its length.

        Raises:
            Refused: NO_RIGHT for one that is not in use.
        """
        if len(key) != SERVER_KEY_LETTERS:
            return None
        name = self._context.holder_of_key(digest(key))
        if name is None:
            raise Refused(answers.NO_RIGHT)
        return name

    async def post(self, request: Sending) -> tuple[Post, Session | None]:
        """What is to be stored, and whose session it came from; None for a server key's.

        Raises:
            Refused: NO_RIGHT.
            StoreDown: The store's failure.
        """
        session = None if self.is_server_key(request.key) else await self._sessions.resolve(request.key)
        sender = SERVER if session is None else session.name
        return Post(request.action, sender, request.data, _mark(request)), session

    async def server_post(self, request: Sending) -> Post:
        """What somebody with a server key wants to be stored.

        Raises:
            Refused: NO_RIGHT; NOT_ALLOWED for a session's token.
            StoreDown: The store's failure.
        """
        post, session = await self.post(request)
        if session is not None:
            raise Refused(answers.NOT_ALLOWED)
        return post


def _mark(request: Sending) -> Sender | None:
    """Under which number of which series the message comes."""
    if request.number is None:
        return None
    source = digest(f"{request.key}\n{request.series}" if request.series else request.key)
    what = digest(f"{request.action};{request.data}")
    return Sender(source[:MARK_LETTERS], request.number, what[:MARK_LETTERS])


def mail_reply(answer: Answer, new: News) -> Reply:
    """The messages as they travel, each with the place before it as its id."""
    first = new.cursor.offset - len(new.items)
    items = [
        _item(Cursor(new.cursor.epoch, offset), item) for offset, item in enumerate(new.items, first) if item != LOST
    ]
    return Reply(answer, items_body(new.cursor, items))


def _item(place: Cursor, item: bytes) -> bytes:
    message = message_of(item)
    return mail_item(Mail(place, message.action, message.sender, message.data))
