"""What can go wrong for a messenger besides what can for every client, by what the caller can do about it."""

from collections.abc import Mapping

from turnserver.client.errors import TurnserverError
from turnserver.client.errors import refusal as client_refusal
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer


class NobodyThere(TurnserverError):
    """There is no such user, or no program listens to such a queue."""


class NumberPassed(TurnserverError):
    """The series has gone on beyond this number: another messenger uses it, or it was given too low a number."""


_REFUSALS: Mapping[Answer, type[TurnserverError]] = {
    answers.NOT_THERE: NobodyThere,
    answers.TOO_OLD: NumberPassed,
}


def refusal(reply: Reply) -> TurnserverError:
    """The error that a reply stands for, where no step expects it."""
    kind = _REFUSALS.get(reply.answer)
    return client_refusal(reply) if kind is None else kind(reply.answer.words)
