"""The synchronous messenger. Threads may share one: sending takes turns, each subscription has its own connection."""

import secrets
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import Any, Self

from turnserver.client import timing as timings
from turnserver.client.address import address
from turnserver.client.connection import Connection, Observer
from turnserver.client.errors import TurnserverError
from turnserver.client.exchange import exchange
from turnserver.client.floor import Floor
from turnserver.client.following import Following, Reading
from turnserver.client.inboxes import Message, of_inbox
from turnserver.client.subscription import Subscription
from turnserver.client.timing import Timing
from turnserver.messages.chat import ChatMute
from turnserver.messenger import dispatch
from turnserver.messenger.dispatch import Dispatch
from turnserver.messenger.errors import refusal
from turnserver.messenger.sending import Sending
from turnserver.protocol import answers

SERIES_BYTES = 6
"""A series of a messenger's own is told from all others by 48 random bits."""


def new_series() -> str:
    """The name of a series that nobody else uses."""
    return secrets.token_urlsafe(SERIES_BYTES)


class Messenger:
    """Sends messages exactly once, and follows topics, queues and inboxes. Use it with `with`, or call `close`.

    Args:
        url: The server, for example `http://127.0.0.1:8192`.
        key: A server key. With a session's token only `send`, `enqueue`, `subscribe` and `inbox` are allowed.
        title: The game title whose topics are meant.
        series: The name of this sender's series of numbers; None takes one that nobody else uses. A program that wants
            to be sure of its messages across its own restarts gives it a fixed name, and the numbers.
        number: The number of the first message; in a series of before it must be higher than all others.
        timing: All time-outs.
        observe: Called with each request line and its reply line, for logs and demonstrations.

    Raises:
        ValueError: The server would refuse the URL, the title or the series.
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
        self._connection = Connection(self._address, timing, Floor(), observe)
        self._turn = Lock()
        self._subscriptions = set[Subscription[Message]]()

    @property
    def number(self) -> int:
        """The number that the next message gets."""
        return self._sending.number

    def send(self, user: str, action: str, data: Any = None) -> None:
        """Send a message to one user; when this returns, it is in the user's inbox, once.

        Args:
            user: The name that others see.
            action: What it is about: `debug`, `node_ready`, or any name that the game invents.
            data: Any value of JSON, at most 8,192 bytes as text.

        Raises:
            ValueError: The server would refuse it.
            NobodyThere: There is no such user.
            ServerFull: The inbox is full.
            Unreachable: It is not known whether the server has it. It stays in line: the next call settles it. Do not
                send it a second time.
            NotDelivered: A message of before was refused, or too many are in line; this one was not sent.
        """
        self._send(dispatch.to_user(self._key, user, action, data))

    def broadcast(self, action: str, data: Any = None) -> None:
        """Send a message to every user; errors as for `send`."""
        self._send(dispatch.to_all(self._key, action, data))

    def publish(self, topic: str, action: str, data: Any = None) -> None:
        """Send a message to all who follow a topic of the title; errors as for `send`."""
        self._send(dispatch.to_topic(self._key, topic, action, data))

    def enqueue(self, queue: str, action: str, data: Any = None) -> None:
        """Send a message to the program that listens to a queue; errors as for `send`."""
        self._send(dispatch.to_queue(self._key, queue, action, data))

    def kick(self, user: str, *, why: str = "", keep: str | None = None) -> None:
        """End the open sessions of a user, whose polls say so; errors as for `send`.

        Args:
            user: The name that others see.
            why: For the user to read.
            keep: The token of the session that stays; None ends all.
        """
        self._send(dispatch.to_user(self._key, user, "kick", dispatch.kick_data(why, keep)))

    def debug(self, message: str, *, user: str | None = None) -> None:
        """Send a text to the developers' console of one user, or of all; errors as for `send`."""
        data = {"message": message}
        if user is None:
            self.broadcast("debug", data)
        else:
            self.send(user, "debug", data)

    def mute(self, user: str, seconds: int) -> None:
        """Let a user say nothing in any chat for some time; 0 lets them speak again. Errors as for `send`."""
        request = ChatMute(self._key, dispatch.named(user), dispatch.checked_seconds(seconds))
        with self._turn:
            answer = self._connection.perform(exchange(request, self._timing, give_up_s=self._timing.give_up_s))
        if answer.reply.answer is not answers.CHAT_MUTED:
            raise refusal(answer.reply)

    def subscribe(self, topic: str, *, after: str | None = None) -> Subscription[Message]:
        """Follow a topic of the title.

        Args:
            topic: Its name; `rooms` is where the server tells of new rooms.
            after: The place to go on from, of a `Message`; None begins with all that is kept.

        Raises:
            ValueError: It is no name, or no place.
        """
        return self._subscription(dispatch.of_topic(self._key, topic), after)

    def listen(self, queue: str, *, after: str | None = None) -> Subscription[Message]:
        """Be the program of a queue: each message until it was taken, and the next one was asked for."""
        return self._subscription(dispatch.of_queue(self._key, queue), after)

    def inbox(self, token: str, *, after: str | None = None) -> Subscription[Message]:
        """Read the inbox of a session's user, broadcasts among it."""
        return self._subscription(of_inbox(token), after)

    def close(self) -> None:
        """Close the connection that messages are sent on, and all subscriptions."""
        self._connection.close()
        for subscription in tuple(self._subscriptions):
            subscription.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn, suppress(TurnserverError):
            self._connection.perform(self._sending.settle())
        self.close()

    def _send(self, one: Dispatch) -> None:
        with self._turn:  # also the numbers of messages are given in turn
            self._connection.perform(self._sending.send(one))

    def _subscription(self, reading: Reading[Message], after: str | None) -> Subscription[Message]:
        following = Following(reading, after, self._timing)
        connection = self._connection.another()
        subscription = Subscription(following, connection, self._timing, on_close=self._subscriptions.discard)
        self._subscriptions.add(subscription)
        return subscription
