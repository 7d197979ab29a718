"""A reply, and the refusal that becomes one."""

from typing import NamedTuple

from turnserver.protocol.answers import Answer


class Reply(NamedTuple):
    """One reply line, `status/code/body`; the body is UTF-8."""

    answer: Answer
    body: bytes = b"*"

    @property
    def line(self) -> bytes:
        """The line as it travels, without a line feed."""
        return self.answer.prefix + self.body


class _Failure(Exception):
    """What ends a request: the table's answer and, where words alone do not tell enough, the place.

    Args:
        answer: The row of the table.
        details: The body of the reply: one line of text, free of the characters that items reserve.
    """

    def __init__(self, answer: Answer, details: str = "*") -> None:
        super().__init__(answer.words)
        self.answer = answer
        self.details = details

    @property
    def reply(self) -> Reply:
        """The reply that tells it."""
        return Reply(self.answer, self.details.encode())


class Refused(_Failure):
    """An expected answer of a rule: the request changes nothing, and `answer` says why."""


class Malformed(_Failure):
    """A request that breaks the form of the wire; `answer` says how."""
