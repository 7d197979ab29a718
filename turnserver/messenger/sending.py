"""Sending exactly once: each message has a number in a series of its sender's, and is repeated under that number.

A message whose repeats were given up stays in line: nobody knows whether the server has it, and the next number would
say that it is done with. So the next call settles it before anything else.

Source: docs/messages.md, "Messenger".
"""

from collections import deque

from turnserver.client.errors import NotDelivered, TurnserverError
from turnserver.client.exchange import Steps, exchange
from turnserver.client.timing import Timing
from turnserver.messages.requests import Request
from turnserver.messenger.dispatch import Dispatch
from turnserver.messenger.errors import refusal
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.wire.inbox import is_series

WAITING_MAX = 100
"""How many messages may be in line, whose calls were given up or cancelled."""


class Sending:
    """One series of numbers; one message at a time.

    Args:
        series: Its name, 1 to 16 letters, digits, `-` and `_`; no other sender with this key uses it.
        number: The first number; higher than all that were used before.
        timing: The patience.

    Raises:
        ValueError: The name or the number is none.
    """

    def __init__(self, series: str, number: int, timing: Timing) -> None:
        if not is_series(series, bytes_max=Limits().series_bytes_max):
            raise ValueError(f"not the name of a series (1 to 16 letters, digits, - and _): {series!r}")
        if number < 0:
            raise ValueError(f"not a number of a message: {number}")
        self._series = series
        self.number = number
        """The number of the next message."""
        self._timing = timing
        self._was_heard = False
        self._waiting: deque[Dispatch] = deque()  # in line behind the open one
        self._open: tuple[Request, Answer] | None = None

    def send(self, dispatch: Dispatch) -> Steps[None]:
        """Send a message; at the end the server has it, once.

        Raises:
            Unreachable: Nobody knows whether it has it. It stays in line, and the next call settles that. Do not hand
                it in again.
            NotDelivered: A message of before was refused meanwhile, or too many are in line; this one was not sent.
            TurnserverError: As `refusal` says.
        """
        if len(self._waiting) + (self._open is not None) >= WAITING_MAX:
            raise NotDelivered(f"{WAITING_MAX} messages are in line already")
        self._waiting.append(dispatch)
        try:
            while self._open is not None or len(self._waiting) > 1:
                yield from self._settle_one()
        except NotDelivered:
            self._waiting.pop()
            raise
        yield from self._post()

    def settle(self) -> Steps[None]:
        """Settle the messages that are in line.

        Raises:
            Unreachable, NotDelivered: As for `send`.
        """
        while self._open is not None or self._waiting:
            yield from self._settle_one()

    def _settle_one(self) -> Steps[None]:
        try:
            yield from self._post()
        except TurnserverError as error:
            if self._open is not None:
                raise
            raise NotDelivered(f"a message of before was refused: {error}") from error

    def _post(self) -> Steps[None]:
        """Post the open message, or else the first in line."""
        if self._open is None:
            dispatch = self._waiting.popleft()
            self._open = (dispatch.request(self._series, self.number), dispatch.expected)
            self.number += 1
        request, expected = self._open
        give_up_s = self._timing.give_up_s if self._was_heard else self._timing.first_reply_s
        answer = yield from exchange(request, self._timing, give_up_s=give_up_s)
        self._was_heard, self._open = True, None
        if answer.reply.answer is not expected:
            raise refusal(answer.reply)
