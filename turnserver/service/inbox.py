"""INBOX_POLL, INBOX_SEND and BROADCAST."""

from turnserver.domain import inbox
from turnserver.domain.feed import News, news
from turnserver.domain.inbox import LOG, LOG_PARTITION, LOST, QUEUE, Post, Sender, inbox_partition, message_of
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.sessions import Session, guest_named, opened
from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import Broadcast, InboxPoll, InboxSend, Mail
from turnserver.messages.reply import Refused, Reply
from turnserver.protocol import answers
from turnserver.service.context import SERVER_KEY_LETTERS, Context
from turnserver.service.holding import Answered
from turnserver.service.queues import Queues
from turnserver.service.secrets import digest
from turnserver.service.sessions import Sessions
from turnserver.store.seam import StoreDown
from turnserver.wire.inbox import mail_item
from turnserver.wire.room_replies import items_body

MARK_LETTERS = 16
"""64 bits of a SHA-256: enough to tell the few apart who send to one inbox, and what they send."""

_NOTHING_NEW = Reply(answers.NOTHING_NEW)


class Inboxes:
    """The use cases of inboxes."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._sessions = sessions
        self._queues = Queues(context)

    async def poll(self, request: InboxPoll, _title: str, _held: Held) -> Answered:
        """What has come for a user; what is before the cursor is let go of."""
        session = await self._sessions.resolve(request.token)
        view, log = await self._queues.opened(session, request.cursor)
        partition = inbox_partition(session.user)
        new = news(view.stream(QUEUE), view.value("inbox").epoch, request.cursor)
        await self._store.commit(partition, inbox.sign_of_life(self._limits))
        if not new.items and not new.is_lost:
            elsewhere = {LOG_PARTITION: {LOG: log.counter(LOG)}}
            return Answered(Outcome(_NOTHING_NEW, None, (QUEUE,)), partition, view, elsewhere)
        is_lost = new.is_lost or (request.cursor is not None and LOST in new.items)
        answer = answers.LOST if is_lost else answers.INBOX_MESSAGES
        return Answered(Outcome(Reply(answer, items_body(new.cursor, _items(new)))))

    async def send(self, request: InboxSend, _title: str, _held: Held) -> Answered:
        """Put a message into another's inbox, or one's own."""
        post = await self._post(request)
        for _ in range(self._limits.conflicts_max):
            session = await self._addressee(request.to)
            view, _log = await self._queues.opened(session, None)
            batch = inbox.deliver(view, post, limits=self._limits)
            if batch is None or await self._store.commit(inbox_partition(session.user), batch):
                return Answered(Outcome(Reply(answers.INBOX_SENT)))
        raise StoreDown("the inbox is overtaken by other commits all the time")

    async def broadcast(self, request: Broadcast, _title: str, _held: Held) -> Answered:
        """Send a message to all; each inbox takes it over when it is next looked at."""
        post = await self._post(request)
        if post.sender != inbox.SERVER:
            raise Refused(answers.NOT_ALLOWED)
        await self._queues.log()
        await self._context.change(LOG_PARTITION, lambda log: inbox.broadcast(log, post, limits=self._limits))
        return Answered(Outcome(Reply(answers.BROADCAST_SENT)))

    async def _post(self, request: InboxSend | Broadcast) -> Post:
        """What is to be sent, once its sender has the right to it."""
        secret = digest(request.key)
        is_server = len(request.key) == SERVER_KEY_LETTERS
        if is_server and self._context.holder_of_key(secret) is None:
            raise Refused(answers.NO_RIGHT)
        sender = inbox.SERVER if is_server else (await self._sessions.resolve(request.key)).name
        inbox.check_action(request.action, is_server=is_server)
        mark = None
        if request.number is not None:
            what = digest(f"{request.action};{request.data}")
            mark = Sender(secret[:MARK_LETTERS], request.number, what[:MARK_LETTERS])
        return Post(request.action, sender, request.data, mark)

    async def _addressee(self, name: str) -> Session:
        """A guest by its session, an account by its name; who has become an account is also found as the guest."""
        user = guest_named(name)
        view = None if user is None else await self._store.read(user)
        if view is not None and view.exists:
            return opened(view)
        records = self._context.records
        account = await self._context.on_records(
            lambda: records.accounts.named(name) if user is None else records.accounts.of_user(user)
        )
        if account is None:
            raise Refused(answers.NOT_THERE)
        return Session(account.user, account.name, account.since)


def _items(new: News) -> list[bytes]:
    """The messages as they travel, each with the place before it as its id."""
    first = new.cursor.offset - len(new.items)
    return [
        _item(Cursor(new.cursor.epoch, offset), item) for offset, item in enumerate(new.items, first) if item != LOST
    ]


def _item(place: Cursor, item: bytes) -> bytes:
    message = message_of(item)
    return mail_item(Mail(place, message.action, message.sender, message.data))
