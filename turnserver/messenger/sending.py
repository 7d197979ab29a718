"""Sending exactly once: each message has a number in a series of its sender's, and is repeated under that number.

A message whose repeats were given up stays in line: nobody knows whether the server has it, and the next number would
say that it is done with. So the next call settles it before anything else. A message has its number from when it was
handed in; one that is not sent after all leaves a gap, which does no harm.

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
        """The number that the next message gets, when it is handed in."""
        self._timing = timing
        self._was_heard = False
        self._line: deque[_Message] = deque()  # the first may be at the server already

    def send(self, dispatch: Dispatch) -> Steps[None]:
        """Put a message in line; the steps are over when the server has it, once, and all before it.

        Raises:
            Unreachable: Nobody knows whether it has it. It stays in line, and the next call settles that. Do not hand
                it in again.
            NotDelivered: A message of before was refused meanwhile, or too many are in line; this one was not sent.
            TurnserverError: As `refusal` says.
        """
        if len(self._line) >= WAITING_MAX:
            return self._send_late(dispatch)
        return self._send(self._enter(dispatch))

    def settle(self) -> Steps[None]:
        """Settle the messages that are in line, and let go of those that are refused.

        Raises:
            Unreachable: As for `send`.
        """
        while self._line:
            first = self._line[0]
            yield from self._post(first)

    def _enter(self, dispatch: Dispatch) -> "_Message":
        message = _Message(dispatch.request(self._series, self.number), dispatch.expected)
        self.number += 1
        self._line.append(message)
        return message

    def _send_late(self, dispatch: Dispatch) -> Steps[None]:
        """Make room in a line that is full, and then send."""
        try:
            yield from self.settle()
        except TurnserverError as error:
            raise NotDelivered(f"{WAITING_MAX} messages are in line already: {error}") from error
        yield from self._send(self._enter(dispatch))

    def _send(self, message: "_Message") -> Steps[None]:
        while message in self._line:
            first = self._line[0]
            yield from self._post(first)
            if first.refused is not None and first is not message:
                self._line.remove(message)
                raise NotDelivered(f"a message of before was refused: {first.refused}") from first.refused
        if message.refused is not None:
            raise message.refused

    def _post(self, first: "_Message") -> Steps[None]:
        """Post the first message in line until it is answered."""
        give_up_s = self._timing.give_up_s if self._was_heard else self._timing.first_reply_s
        answer = yield from exchange(first.request, self._timing, give_up_s=give_up_s)
        self._was_heard = True
        self._line.popleft()
        if answer.reply.answer is not first.expected:
            first.refused = refusal(answer.reply)


class _Message:
    """A message in line; no two are equal."""

    def __init__(self, request: Request, expected: Answer) -> None:
        self.request = request
        self.expected = expected
        self.refused: TurnserverError | None = None
        """Why the server has not taken it, once that is known."""
