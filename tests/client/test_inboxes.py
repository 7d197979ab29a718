import pytest

from turnserver.client.inboxes import Message, of_inbox, parse_messages
from turnserver.messages.cursor import Cursor
from turnserver.messages.inbox import InboxPoll
from turnserver.protocol import answers


def test_an_inbox_is_polled_with_the_token_of_its_user() -> None:
    reading = of_inbox("TOKEN")

    assert reading.request(Cursor("longerEp", 3)) == InboxPoll("TOKEN", Cursor("longerEp", 3))
    assert reading.expected is answers.INBOX_MESSAGES


def test_a_message_has_its_json_and_the_place_behind_it() -> None:
    cursor, messages = parse_messages(b'longerEpB|longerEpA;note;bob;{"a":"b%3B"}')

    assert messages == [Message("longerEpA", "note", "bob", {"a": "b;"}, "longerEpB")]
    assert cursor == Cursor("longerEp", 1)


@pytest.mark.parametrize("body", ["", "?", "longerEpB|x", "longerEpB|longerEpA;a;b;{"])
def test_what_is_no_list_of_messages_is_said_to_be_none(body: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_messages(body.encode())
