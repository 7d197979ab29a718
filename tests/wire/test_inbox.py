import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import (
    Broadcast,
    InboxClose,
    InboxPoll,
    InboxRequest,
    InboxSend,
    Mail,
    QueuePoll,
    QueueSend,
    TopicPoll,
    TopicPublish,
)
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.wire.inbox import mail_item, parse_mail_item, parse_mails
from turnserver.wire.requests import line, parse

LIMITS = Limits(inbox_data_bytes_max=8, room_config_depth_max=2)


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (b"50,*,TOKEN,*,*", InboxPoll("TOKEN", None)),
        (b"50,*,TOKEN,*,xYB", InboxPoll("TOKEN", Cursor("xY", 1))),
        (b"51,note;[1,2],KEY,bob,7", InboxSend("KEY", "bob", 7, "note", "[1,2]")),
        (b'51,note;"a;b",KEY,bob,*', InboxSend("KEY", "bob", None, "note", '"a;b"')),
        (b"52,srv_msg; 1 ,KEY,*,0", Broadcast("KEY", 0, "srv_msg", " 1 ")),
        (b"52,srv_msg;[[]],KEY,*,*", Broadcast("KEY", None, "srv_msg", "[[]]")),
        (b"51,note;1,KEY,bob,w-1.7", InboxSend("KEY", "bob", 7, "note", "1", "w-1")),
        (b"52,note;1,KEY,*,1.0", Broadcast("KEY", 0, "note", "1", "1")),
        (b"53,goal;1,KEY,scores,a_b.3", TopicPublish("KEY", "scores", 3, "goal", "1", "a_b")),
        (b"53,goal;1,KEY,scores,*", TopicPublish("KEY", "scores", None, "goal", "1")),
        (b"54,*,KEY,scores,longerEpB", TopicPoll("KEY", "scores", Cursor("longerEp", 1))),
        (b"55,check;1,KEY,referee,4", QueueSend("KEY", "referee", 4, "check", "1")),
        (b"56,*,KEY,referee,*", QueuePoll("KEY", "referee", None)),
        (b"57,*,TOKEN,*,*", InboxClose("TOKEN", None)),
        (b"57,*,TOKEN,*,longerEpB", InboxClose("TOKEN", Cursor("longerEp", 1))),
    ],
)
def test_each_symbol_has_its_request_and_its_line(body: bytes, request_: InboxRequest) -> None:
    assert parse(body, LIMITS) == request_
    assert line(request_) == body


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(b"50,*,TOKEN,*,1", answers.BAD_CURSOR, id="no cursor"),
        pytest.param(b"51,note;1,KEY,*,*", answers.BAD_DATA, id="nobody's name"),
        pytest.param(b"51,note;1,KEY,bob,x", answers.BAD_DATA, id="no number"),
        pytest.param(b"51,note;1,KEY,bob,01", answers.BAD_DATA, id="not the spelling of a number"),
        pytest.param(b"51,note;1,KEY,bob,.1", answers.BAD_DATA, id="a series without a name"),
        pytest.param(b"51,note;1,KEY,bob,a b.1", answers.BAD_DATA, id="no name of a series"),
        pytest.param(b"51,note;1,KEY,bob,%s.1" % (b"x" * 17), answers.BAD_DATA, id="a series' name too long"),
        pytest.param(b"51,note;1,KEY,bob,a.*", answers.BAD_DATA, id="a series without a number"),
        pytest.param(b"53,note;1,KEY,*,1", answers.BAD_DATA, id="no topic"),
        pytest.param(b"54,*,KEY,a;b,*", answers.BAD_DATA, id="no name of a topic"),
        pytest.param(b"55,note;1,KEY,*,1", answers.BAD_DATA, id="no queue"),
        pytest.param(b"56,*,KEY,,*", answers.BAD_DATA, id="no name of a queue"),
        pytest.param(b"51,note,KEY,bob,*", answers.BAD_DATA, id="no JSON"),
        pytest.param(b"51,;1,KEY,bob,*", answers.BAD_DATA, id="no action"),
        pytest.param(b"51,a|b;1,KEY,bob,*", answers.BAD_DATA, id="no name of an action"),
        pytest.param(b"51,note;NaN,KEY,bob,*", answers.BAD_DATA, id="not JSON"),
        pytest.param(b"52,note;[[[]]],KEY,*,*", answers.BAD_DATA, id="too deep"),
        pytest.param(b'52,note;"1234567",KEY,*,*', answers.TOO_LARGE, id="nine bytes"),
    ],
)
def test_what_is_no_request_of_an_inbox_is_refused(body: bytes, answer: Answer) -> None:
    with pytest.raises(Malformed) as caught:
        parse(body, LIMITS)

    assert caught.value.answer is answer


texts = st.text(st.characters(codec="utf-8"))


@given(st.integers(0, 10**6), texts, texts, texts)
def test_a_message_is_one_item_and_is_read_as_it_was_sent(offset: int, action: str, sender: str, data: str) -> None:
    mail = Mail(Cursor("xY", offset), action, sender, data)
    item = mail_item(mail)

    assert not set(item) & set(b"|\r\n")
    assert parse_mail_item(item.decode()) == mail


@pytest.mark.parametrize("item", ["", "xYB;a;b", "?;a;b;1", "xYB;a;b;1;2"])
def test_what_is_no_message_is_said_to_be_none(item: str) -> None:
    with pytest.raises(ValueError, match=r"not a message|unpack"):
        parse_mail_item(item)


def test_a_reply_is_a_cursor_and_messages() -> None:
    mails = [Mail(Cursor("xY", offset), "note", "ann", '"a|b;c"') for offset in (0, 1)]
    body = b"|".join((b"xYC", *map(mail_item, mails)))

    assert parse_mails(body) == (Cursor("xY", 2), mails)
    with pytest.raises(ValueError, match="not a cursor"):
        parse_mails(b"?")
