import pytest

from tests.json_server import plain
from turnserver.messages.chat import ChatLine
from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import Mail
from turnserver.messages.reply import Malformed, Reply
from turnserver.protocol import answers
from turnserver.wire.actions.action import Fields, Line
from turnserver.wire.actions.messages import (
    Attend,
    Broadcast,
    Channel,
    ChatLines,
    Disconnect,
    Enqueue,
    Follow,
    InboxPoll,
    Listen,
    Messages,
    MessageSession,
    Mute,
    People,
    Publish,
    Say,
    Send,
)
from turnserver.wire.chat import chat_item
from turnserver.wire.inbox import mail_item
from turnserver.wire.room_replies import items_body

PLACE = Cursor("xY", 1)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (Channel(token="T"), Line("*", "T", "lobby")),
        (Channel(token="T", key="K", channel="room"), Line("*", "K", "room")),
        (Listen(token="T", cursor="xYB"), Line("*", "T", "lobby", "xYB")),
        (Say(token="T", channel="tea", text="hi"), Line("hi", "T", "tea", "*")),
        (MessageSession(token="T"), Line(key="T")),
        (Disconnect(token="T", cursor="xYB"), Line("*", "T", "*", "xYB")),
        (InboxPoll(token="T", wait=20), Line("*", "T", "*", "*")),
        (Send(token="T", to="ann", action="hi", data={"a": [1]}, counter=7), Line('hi;{"a":[1]}', "T", "ann", "7")),
        (Send(token="T", to="ann", action="hi", counter="7"), Line("hi;null", "T", "ann", "7")),
        (Send(token="T", to="ann", action="hi"), Line("hi;null", "T", "ann", "*")),
        (Broadcast(token="K", action="srv_msg", data="noon"), Line('srv_msg;"noon"', "K", "*", "*")),
        (Mute(token="K", username="ann", seconds=60), Line("60", "K", "ann", "*")),
        (Publish(token="K", topic="news", action="hi", counter="s.1"), Line("hi;null", "K", "news", "s.1")),
        (Follow(token="T", topic="news", cursor="xYB"), Line("*", "T", "news", "xYB")),
        (Enqueue(token="T", queue="jobs", action="hi", data=1), Line("hi;1", "T", "jobs", "*")),
        (Attend(token="K", queue="jobs"), Line("*", "K", "jobs", "*")),
    ],
)
def test_fields_spell_lines(fields: Fields, line: Line) -> None:
    assert fields.line() == line


def test_an_action_cannot_run_into_the_message() -> None:
    with pytest.raises(Malformed) as caught:
        Send(to="ann", action="a;b").line()

    assert caught.value.details == "action: not a name"


@pytest.mark.parametrize(("answer", "lost"), [(answers.CHAT_LINES, False), (answers.LOST, True)])
def test_lines_of_chat_are_objects(answer: answers.Answer, *, lost: bool) -> None:
    reply = Reply(answer, items_body(PLACE, [chat_item(ChatLine("ann", 7, "a|b"))]))

    assert plain(ChatLines.read(reply, Listen())) == {
        "cursor": "xYB",
        "lines": [{"name": "ann", "unix_ms": 7, "text": "a|b"}],
        "lost": lost,
    }


@pytest.mark.parametrize(("answer", "lost"), [(answers.INBOX_MESSAGES, False), (answers.LOST, True)])
def test_messages_are_objects(answer: answers.Answer, *, lost: bool) -> None:
    reply = Reply(answer, items_body(PLACE, [mail_item(Mail(Cursor("xY", 0), "hi", "*", '{"a":";"}'))]))

    assert plain(Messages.read(reply, MessageSession())) == {
        "cursor": "xYB",
        "messages": [{"id": "xYA", "action": "hi", "from": "*", "data": {"a": ";"}}],
        "lost": lost,
    }


def test_where_nothing_is_new_the_cursor_stays() -> None:
    nothing = Reply(answers.NOTHING_NEW)

    assert ChatLines.read(nothing, Listen(cursor="xYB")) == ChatLines("xYB", (), lost=False)
    assert Messages.read(nothing, InboxPoll(cursor="xYB")).cursor == "xYB"
    assert Messages.read(nothing, MessageSession()).cursor == "*"


def test_people_are_a_list_of_names() -> None:
    assert People.read(Reply(answers.CHAT_WHO, b"ann|~b%7Cb"), Channel()).names == ("ann", "~b|b")
    assert People.read(Reply(answers.CHAT_WHO), Channel()).names == ()
