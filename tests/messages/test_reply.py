import pytest

from turnserver.messages.reply import Malformed, Refused, Reply
from turnserver.protocol import answers


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (Reply(answers.NOTHING_NEW), b"0/10/*"),
        (Reply(answers.PAIRED_AS_SERVER, b"ann"), b"0/3/ann"),
        (Reply(answers.LOADING_AS_SERVER, b""), b"0/5/"),
        (Reply(answers.UPDATES, "é|,".encode()), "0/9/é|,".encode()),
        (Reply(answers.PARTNER_DROPPED), b"9/2/*"),
        (Reply(answers.BAD_SYMBOL), b"4/0/*"),
    ],
)
def test_a_reply_line_is_status_code_and_body(reply: Reply, line: bytes) -> None:
    assert reply.line == line


@pytest.mark.parametrize("kind", [Refused, Malformed])
def test_a_refusal_carries_its_answer_and_says_it_in_words(kind: type[Refused | Malformed]) -> None:
    refusal = kind(answers.COUNTER_AHEAD)

    assert refusal.answer is answers.COUNTER_AHEAD
    assert str(refusal) == "counter is ahead"


def test_a_broken_rule_and_a_broken_form_are_told_apart_by_type() -> None:
    assert not issubclass(Refused, Malformed)
    assert not issubclass(Malformed, Refused)
