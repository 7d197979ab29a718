"""What readers of lists are answered while there is nothing new.

Source: docs/protocol.md, "Cursors".
"""

from turnserver.domain.feed import News
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.wire.room_replies import items_body

_NOTHING_NEW = Reply(answers.NOTHING_NEW)


def nothing_new(answer: Answer, new: News, cursor: Cursor | None) -> Reply:
    """The reply to a reader for whom there is nothing new; who comes without a cursor gets one.

    Otherwise whoever reads an empty list would have no place in it, and would not notice what it misses of the first
    that comes.

    Args:
        answer: That of the list's news.
        new: Without items.
        cursor: The reader's; None if it brought none.
    """
    return Reply(answer, items_body(new.cursor, ())) if cursor is None else _NOTHING_NEW
