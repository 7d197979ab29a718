from turnserver.domain.feed import News
from turnserver.messages.cursor import Cursor
from turnserver.protocol import answers
from turnserver.service.feed import nothing_new

NEWS = News([], Cursor("epochepo", 5), is_lost=False)


def test_who_has_a_cursor_keeps_it() -> None:
    assert nothing_new(answers.CHAT_LINES, NEWS, NEWS.cursor) == (answers.NOTHING_NEW, b"*")


def test_who_has_none_gets_one() -> None:
    assert nothing_new(answers.CHAT_LINES, NEWS, None) == (answers.CHAT_LINES, b"epochepoF")
