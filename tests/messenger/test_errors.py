import pytest

from turnserver.client.errors import NoRight, ServerFull, TurnserverError
from turnserver.messages.reply import Reply
from turnserver.messenger.errors import NobodyThere, NumberPassed, refusal
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answers.NOT_THERE, NobodyThere),
        (answers.TOO_OLD, NumberPassed),
        (answers.FULL, ServerFull),
        (answers.NO_RIGHT, NoRight),
    ],
)
def test_each_refusal_is_an_error_of_its_own(answer: Answer, kind: type[TurnserverError]) -> None:
    assert type(refusal(Reply(answer))) is kind


def test_who_was_kicked_reads_so() -> None:
    assert str(refusal(Reply(answers.NO_RIGHT, b"kicked"))).endswith(": kicked")
    assert str(refusal(Reply(answers.NO_RIGHT, b"kicked: a%3B b"))).endswith(": kicked: a; b")
