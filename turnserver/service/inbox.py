"""INBOX_POLL, INBOX_SEND, BROADCAST and INBOX_CLOSE."""

import logging

from turnserver.domain import actions, inbox
from turnserver.domain.feed import news
from turnserver.domain.inbox import LOG, LOG_PARTITION, LOST, QUEUE, inbox_partition
from turnserver.domain.outcome import Held, Outcome
from turnserver.events import Event, tell
from turnserver.messages.inbox import Broadcast, InboxClose, InboxPoll, InboxSend
from turnserver.messages.reply import Refused, Reply
from turnserver.protocol import answers
from turnserver.service.context import Context
from turnserver.service.feed import nothing_new
from turnserver.service.holding import Answered
from turnserver.service.posting import Posting, mail_reply
from turnserver.service.queues import Queues
from turnserver.service.sessions import Sessions
from turnserver.store.seam import StoreDown
from turnserver.wire.cursor import LIST_EPOCH_LETTERS

_logger = logging.getLogger("turnserver.service")


class Inboxes:
    """The use cases of inboxes."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._sessions = sessions
        self._posting = Posting(context, sessions)
        self._queues = Queues(context)

    async def poll(self, request: InboxPoll, _title: str, _held: Held) -> Answered:
        """What has come for a user; what is before the cursor is let go of."""
        session, watched = await self._sessions.watched(request.token)
        view, log = await self._queues.opened(session, request.cursor)
        inbox.check_open(view, request.cursor)
        partition = inbox_partition(session.user)
        new = news(view.stream(QUEUE), view.value("inbox").epoch, request.cursor)
        await self._store.commit(partition, inbox.sign_of_life(self._limits))
        if not new.items and not new.is_lost:
            elsewhere = {LOG_PARTITION: {LOG: log.counter(LOG)}, **watched}
            return Answered(
                Outcome(nothing_new(answers.INBOX_MESSAGES, new, request.cursor), None, ("inbox", QUEUE)),
                partition,
                view,
                elsewhere,
            )
        is_lost = new.is_lost or (request.cursor is not None and LOST in new.items)
        return Answered(Outcome(mail_reply(answers.LOST if is_lost else answers.INBOX_MESSAGES, new)))

    async def close(self, request: InboxClose, _title: str, _held: Held) -> Answered:
        """Close a message session; polls that wait with a cursor of it are told so at once."""
        session = await self._sessions.resolve(request.token)
        for _ in range(self._limits.conflicts_max):
            view, _log = await self._queues.opened(session, request.cursor)
            epoch = self._context.new_key()[:LIST_EPOCH_LETTERS]
            batch = inbox.close(view, request.cursor, epoch=epoch, limits=self._limits)
            if batch is None or await self._store.commit(inbox_partition(session.user), batch):
                return Answered(Outcome(Reply(answers.INBOX_CLOSED)))
        raise StoreDown("the inbox is overtaken by other commits all the time")

    async def send(self, request: InboxSend, _title: str, _held: Held) -> Answered:
        """Put a message into another's inbox, or one's own; `kick` ends sessions first."""
        post, sender = await self._posting.post(request)
        session = await self._sessions.named(request.to, may_have_ended=request.action == actions.KICK)
        is_to_oneself = sender is not None and sender.user == session.user
        actions.check(request.action, request.data, is_server=sender is None, is_to_oneself=is_to_oneself)
        if request.action == actions.KICK:
            kick = actions.kick_of(request.data)
            keep = kick.keep if sender is None else request.key
            await self._sessions.kick(session.user, keep=keep, why=kick.why)
            tell(_logger, Event.KICKED, name=session.name, by=self._posting.holder(request.key) or session.name)
            post = post._replace(data=actions.kick_text(kick))
        await self._queues.opened(session, None)
        await self._queues.put(session.user, lambda view: inbox.deliver(view, post, limits=self._limits))
        return Answered(Outcome(Reply(answers.INBOX_SENT)))

    async def broadcast(self, request: Broadcast, _title: str, _held: Held) -> Answered:
        """Send a message to all; each inbox takes it over when it is next looked at."""
        post = await self._posting.server_post(request)
        actions.check(request.action, request.data, is_server=True)
        if request.action == actions.KICK:
            raise Refused(answers.BAD_DATA, "action: kick is for one user")
        await self._queues.log()
        await self._context.change(LOG_PARTITION, lambda log: inbox.broadcast(log, post, limits=self._limits))
        return Answered(Outcome(Reply(answers.BROADCAST_SENT)))
