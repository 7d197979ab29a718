"""TOPIC_PUBLISH, TOPIC_POLL, QUEUE_SEND and QUEUE_POLL: what programs tell, and what is told to programs."""

from collections.abc import Mapping

from turnserver.domain import actions, inbox, topics
from turnserver.domain.feed import News, news
from turnserver.domain.inbox import LOG, LOST, QUEUE
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.topics import queue_partition, topic_partition
from turnserver.messages.inbox import QueuePoll, QueueSend, TopicPoll, TopicPublish
from turnserver.messages.reply import Refused, Reply
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.service.context import Context
from turnserver.service.feed import nothing_new
from turnserver.service.holding import Answered
from turnserver.service.posting import Posting, mail_reply
from turnserver.service.queues import Queues
from turnserver.service.sessions import Sessions
from turnserver.store.seam import StoreDown
from turnserver.wire.cursor import LIST_EPOCH_LETTERS


class Topics:
    """The use cases of topics and queues."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._sessions = sessions
        self._posting = Posting(context, sessions)
        self._queues = Queues(context)

    async def publish(self, request: TopicPublish, title: str, _held: Held) -> Answered:
        """Tell all who follow a topic."""
        post = await self._posting.server_post(request)
        actions.check(request.action, request.data, is_server=True)
        for _ in range(self._limits.conflicts_max):
            partition, view = await self._opened(title, request.topic)
            batch = topics.publish(view, post, limits=self._limits)
            if batch is None or await self._store.commit(partition, batch):
                return Answered(Outcome(Reply(answers.PUBLISHED)))
        raise StoreDown("the topic is overtaken by other commits all the time")

    async def poll(self, request: TopicPoll, title: str, _held: Held) -> Answered:
        """What was published."""
        watched: Mapping[str, Mapping[str, int]] = {}
        if not self._posting.is_server_key(request.key):
            _session, watched = await self._sessions.watched(request.key)
        partition, view = await self._opened(title, request.topic)
        await self._store.commit(partition, topics.sign_of_life(self._limits))
        new = news(view.stream(LOG), view.value("topic").epoch, request.cursor)
        if not new.items and not new.is_lost:
            return Answered(
                Outcome(nothing_new(answers.TOPIC_MESSAGES, new, request.cursor), None, (LOG,)),
                partition,
                view,
                watched,
            )
        return _told(answers.TOPIC_MESSAGES, new, is_lost=new.is_lost)

    async def send(self, request: QueueSend, _title: str, _held: Held) -> Answered:
        """Put a message into the queue of a program that listens; a program's own message also opens the queue."""
        post, session = await self._posting.post(request)
        actions.check(request.action, request.data, is_server=session is None)
        if session is None:
            await self._queues.opened_queue(request.queue, None)
        elif not await self._queues.has_queue(request.queue):
            raise Refused(answers.NOT_THERE)
        await self._queues.put_into_queue(request.queue, lambda view: inbox.deliver(view, post, limits=self._limits))
        return Answered(Outcome(Reply(answers.QUEUED)))

    async def listen(self, request: QueuePoll, _title: str, _held: Held) -> Answered:
        """What has come for a program; what is before the cursor is let go of."""
        if not self._posting.is_server_key(request.key):
            await self._sessions.resolve(request.key)
            raise Refused(answers.NOT_ALLOWED)
        view = await self._queues.opened_queue(request.queue, request.cursor)
        partition = queue_partition(request.queue)
        await self._store.commit(partition, inbox.sign_of_life(self._limits))
        new = news(view.stream(QUEUE), view.value("inbox").epoch, request.cursor)
        if not new.items and not new.is_lost:
            return Answered(
                Outcome(nothing_new(answers.QUEUE_MESSAGES, new, request.cursor), None, (QUEUE,)), partition, view
            )
        return _told(answers.QUEUE_MESSAGES, new, is_lost=new.is_lost or (LOST in new.items))

    async def _opened(self, title: str, name: str) -> tuple[str, View]:
        """A topic, which comes into being with its first use."""
        partition = topic_partition(title, name)
        for _ in range(self._limits.conflicts_max):
            view = await self._store.read(partition)
            if view.exists:
                return partition, view
            if await self._store.count("topic") >= self._limits.topics_max:
                raise Refused(answers.FULL)
            epoch = self._context.new_key()[:LIST_EPOCH_LETTERS]
            await self._store.commit(partition, topics.opening(epoch, limits=self._limits))
        raise StoreDown("the topic ends all the time")


def _told(answer: Answer, new: News, *, is_lost: bool) -> Answered:
    return Answered(Outcome(mail_reply(answers.LOST if is_lost else answer, new)))
