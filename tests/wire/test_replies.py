import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import TABLE, Answer
from turnserver.wire.replies import parse


@pytest.mark.parametrize(
    ("line", "answer", "body"),
    [
        (b"0/10/*", answers.NOTHING_NEW, b"*"),
        (b"0/5/", answers.LOADING_AS_SERVER, b""),
        (b"0/8/VcmPWQSpv7IZx2aK|1", answers.PLAY, b"VcmPWQSpv7IZx2aK|1"),
        (b"0/9/a/b|c/d", answers.UPDATES, b"a/b|c/d"),
        (b"0/9//", answers.UPDATES, b"/"),
        ("0/9/é".encode(), answers.UPDATES, "é".encode()),
        (b"4/5/*", answers.LINE_BREAK, b"*"),
        (b"9/2/*", answers.PARTNER_DROPPED, b"*"),
        (b"44/*/*", answers.STORE_DOWN, b"*"),
    ],
)
def test_a_reply_is_read_by_its_first_two_slashes(line: bytes, answer: Answer, body: bytes) -> None:
    assert parse(line) == Reply(answer, body)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"0", id="no slash"),
        pytest.param(b"0/10", id="one slash"),
        pytest.param(b"0//*", id="empty code"),
        pytest.param(b"/0/*", id="empty status"),
        pytest.param(b"0/99/*", id="unknown code"),
        pytest.param(b"3/*/*", id="reserved number"),
        pytest.param(b"00/10/*", id="other spelling"),
        pytest.param(b"\xff/\xff/*", id="no text"),
        pytest.param(b"<html>/body</html>", id="page of a proxy"),
    ],
)
def test_what_is_no_reply_is_refused_with_its_beginning(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a reply of this protocol"):
        parse(line)


@given(st.sampled_from(TABLE), st.binary())
def test_every_reply_is_read_as_it_was_written(answer: Answer, body: bytes) -> None:
    reply = Reply(answer, body)

    assert parse(reply.line) == reply


@given(st.binary())
def test_any_bytes_are_a_reply_or_a_value_error(line: bytes) -> None:
    try:
        reply = parse(line)
    except ValueError as error:
        assert "not a reply" in str(error)  # noqa: PT017  # either outcome is right
    else:
        assert reply.line == line
