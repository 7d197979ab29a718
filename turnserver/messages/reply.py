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


class Refused(Exception):
    """An expected answer of a rule: the request changes nothing, and `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.words)
        self.answer = answer


class Malformed(Exception):
    """A request that breaks the form of the wire; `answer` says how."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.words)
        self.answer = answer
