import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.messages.chat import ChatLine, ChatMute, ChatPoll, ChatRequest, ChatSay, ChatWho
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.wire.chat import chat_item, names_body, parse_chat_item, parse_chat_lines, parse_names
from turnserver.wire.requests import line, parse

LIMITS = Limits(chat_text_bytes_max=8, chat_mute_s_max=60)
CURSOR = Cursor("xY", 1)


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (b"40,hello,KEY,lobby,*", ChatSay("KEY", "lobby", None, "hello")),
        (b"40,a,b|;%,KEY,room,xYB", ChatSay("KEY", "room", CURSOR, "a,b|;%")),
        (b"40,*,KEY,game,xYB", ChatSay("KEY", "game", CURSOR, "*")),
        (b"41,*,KEY,tournament,xYB", ChatPoll("KEY", "tournament", CURSOR)),
        (b"41,*,KEY,lobby,*", ChatPoll("KEY", "lobby", None)),
        (b"42,*,KEY,lobby,*", ChatWho("KEY", "lobby")),
        (b"43,60,KEY,ann,*", ChatMute("KEY", "ann", 60)),
        (b"43,0,KEY,ann,*", ChatMute("KEY", "ann", 0)),
    ],
)
def test_each_symbol_has_its_request_and_its_line(body: bytes, request_: ChatRequest) -> None:
    assert parse(body, LIMITS) == request_
    assert line(request_) == body


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(b"40,a,KEY,a;b,*", answers.BAD_DATA, id="no name of a channel"),
        pytest.param(b"41,*,KEY,*,*", answers.BAD_DATA, id="no channel"),
        pytest.param(b"42,*,KEY,%s,*" % (b"x" * 65), answers.BAD_DATA, id="a channel's name too long"),
        pytest.param(b"40,a,KEY,lobby,?", answers.BAD_CURSOR, id="no cursor to say"),
        pytest.param(b"41,*,KEY,lobby,xYAB", answers.BAD_CURSOR, id="no cursor to poll"),
        pytest.param(b"40,,KEY,lobby,*", answers.BAD_DATA, id="no text"),
        pytest.param(b"43,,KEY,ann,*", answers.BAD_DATA, id="no seconds"),
        pytest.param(b"43,-1,KEY,ann,*", answers.BAD_DATA, id="less than no time"),
        pytest.param(b"43,61,KEY,ann,*", answers.BAD_DATA, id="too many seconds"),
        pytest.param(b"43,60,KEY,*,*", answers.BAD_DATA, id="nobody to mute"),
        pytest.param("40,ééééé,KEY,lobby,*".encode(), answers.TOO_LARGE, id="ten bytes"),
    ],
)
def test_what_is_no_request_of_chat_is_refused(body: bytes, answer: Answer) -> None:
    with pytest.raises(Malformed) as caught:
        parse(body, LIMITS)

    assert caught.value.answer is answer


texts = st.text(st.characters(codec="utf-8"))


@given(texts, st.integers(0, 10**15 - 1), texts)
def test_a_line_of_any_text_is_one_item_and_is_read_as_it_was_said(name: str, unix_ms: int, text: str) -> None:
    item = chat_item(ChatLine(name, unix_ms, text))

    assert not set(item) & set(b"|\r\n")
    assert parse_chat_item(item.decode()) == ChatLine(name, unix_ms, text)


@pytest.mark.parametrize("item", ["", "ann;1", "ann;x;hello", "ann;1;hello;there"])
def test_what_is_no_line_of_chat_is_said_to_be_none(item: str) -> None:
    with pytest.raises(ValueError, match=r"not a line|unpack"):
        parse_chat_item(item)


def test_lines_come_with_the_cursor_behind_them() -> None:
    body = b"longerEpC|ann;1;hi%3B|bob;2;hello"

    assert parse_chat_lines(body) == (Cursor("longerEp", 2), [ChatLine("ann", 1, "hi;"), ChatLine("bob", 2, "hello")])
    assert parse_chat_lines(b"longerEpA") == (Cursor("longerEp", 0), [])
    with pytest.raises(ValueError, match="not a cursor"):
        parse_chat_lines(b"*")


@pytest.mark.parametrize(("names", "body"), [([], b"*"), (["ann", "~b|c;"], b"ann|~b%7Cc%3B")])
def test_names_are_a_list_and_nobody_is_a_star(names: list[str], body: bytes) -> None:
    assert names_body(names) == body
    assert parse_names(body) == names
