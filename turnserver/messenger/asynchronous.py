"""The asynchronous messenger, over aiohttp (`pip install turnserver[async-client]`): the same rules and errors.

Tasks may share one: sending takes turns, and each subscription asks by itself. A cancelled call leaves all whole: what
was being sent is settled by the next call.
"""

from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import aiohttp

from turnserver.client import timing as timings
from turnserver.client.address import address
from turnserver.client.async_connection import NEEDLESS_HEADERS, Connection
from turnserver.client.async_subscription import Subscription
from turnserver.client.connection import Observer
from turnserver.client.errors import TurnserverError
from turnserver.client.exchange import exchange
from turnserver.client.following import Following, Reading
from turnserver.client.inboxes import Message, of_inbox
from turnserver.client.timing import Timing
from turnserver.messages.chat import ChatMute
from turnserver.messenger import dispatch
from turnserver.messenger.blocking import new_series
from turnserver.messenger.dispatch import Dispatch
from turnserver.messenger.errors import refusal
from turnserver.messenger.sending import Sending
from turnserver.protocol import answers

__all__ = ["Messenger", "Subscription"]


class Messenger:
    """Sends messages exactly once, and follows topics, queues and inboxes. Use it with `async with`.

    Arguments and errors are those of `turnserver.messenger.blocking.Messenger`.
    """

    def __init__(  # noqa: PLR0913  # an option each; all but two can be left out
        self,
        url: str,
        key: str,
        *,
        title: str = "",
        series: str | None = None,
        number: int = 0,
        timing: Timing = timings.DEFAULT,
        observe: Observer | None = None,
    ) -> None:
        self._key = key
        self._address = address(url, title=title)
        self._timing = timing
        self._observe = observe
        self._sending = Sending(new_series() if series is None else series, number, timing)

    @property
    def number(self) -> int:
        """The number that the next message gets."""
        return self._sending.number

    async def send(self, user: str, action: str, data: Any = None) -> None:
        """Send a message to one user; see `turnserver.messenger.blocking.Messenger.send`."""
        await self._send(dispatch.to_user(self._key, user, action, data))

    async def broadcast(self, action: str, data: Any = None) -> None:
        """Send a message to every user."""
        await self._send(dispatch.to_all(self._key, action, data))

    async def publish(self, topic: str, action: str, data: Any = None) -> None:
        """Send a message to all who follow a topic of the title."""
        await self._send(dispatch.to_topic(self._key, topic, action, data))

    async def enqueue(self, queue: str, action: str, data: Any = None) -> None:
        """Send a message to the program that listens to a queue."""
        await self._send(dispatch.to_queue(self._key, queue, action, data))

    async def kick(self, user: str, *, why: str = "", keep: str | None = None) -> None:
        """End the open sessions of a user; see `turnserver.messenger.blocking.Messenger.kick`."""
        await self._send(dispatch.to_user(self._key, user, "kick", dispatch.kick_data(why, keep)))

    async def debug(self, message: str, *, user: str | None = None) -> None:
        """Send a text to the developers' console of one user, or of all."""
        data = {"message": message}
        if user is None:
            await self.broadcast("debug", data)
        else:
            await self.send(user, "debug", data)

    async def mute(self, user: str, seconds: int) -> None:
        """Let a user say nothing in any chat for some time; 0 lets them speak again."""
        request = ChatMute(self._key, dispatch.named(user), dispatch.checked_seconds(seconds))
        async with self._connection.for_sending():
            answer = await self._connection.perform(exchange(request, self._timing, give_up_s=self._timing.give_up_s))
        if answer.reply.answer is not answers.CHAT_MUTED:
            raise refusal(answer.reply)

    def subscribe(self, topic: str, *, after: str | None = None) -> Subscription[Message]:
        """Follow a topic of the title; see `turnserver.messenger.blocking.Messenger.subscribe`."""
        return self._subscription(dispatch.of_topic(self._key, topic), after)

    def listen(self, queue: str, *, after: str | None = None) -> Subscription[Message]:
        """Be the program of a queue; see `turnserver.messenger.blocking.Messenger.listen`."""
        return self._subscription(dispatch.of_queue(self._key, queue), after)

    def inbox(self, token: str, *, after: str | None = None) -> Subscription[Message]:
        """Read the inbox of a session's user, broadcasts among it."""
        return self._subscription(of_inbox(token), after)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(skip_auto_headers=NEEDLESS_HEADERS, raise_for_status=False)
        self._connection = self._new_connection()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            async with self._connection.for_sending():
                with suppress(TurnserverError):
                    await self._connection.perform(self._sending.settle())
        finally:
            await self._session.close()

    async def _send(self, one: Dispatch) -> None:
        steps = self._sending.send(one)
        async with self._connection.for_sending():
            await self._connection.perform(steps)

    def _subscription(self, reading: Reading[Message], after: str | None) -> Subscription[Message]:
        return Subscription(Following(reading, after, self._timing), self._new_connection(), self._timing)

    def _new_connection(self) -> Connection:
        return Connection(self._session, self._address, self._timing, self._observe)
