from typing import Any

import pytest

from turnserver.client.inboxes import of_inbox
from turnserver.messages.cursor import Cursor
from turnserver.messenger.dispatch import (
    checked_seconds,
    kick_data,
    of_queue,
    of_topic,
    to_all,
    to_queue,
    to_topic,
    to_user,
)
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.requests import line, parse

DATA = {"text": "a|b;c,d\n%é", "list": [None, True, 1.5]}


@pytest.mark.parametrize(
    ("dispatch", "head"),
    [
        (to_user("KEY", "bob", "note", DATA), b"51,note;{"),
        (to_all("KEY", "note", DATA), b"52,note;{"),
        (to_topic("KEY", "scores", "note", DATA), b"53,note;{"),
        (to_queue("KEY", "referee", "note", DATA), b"55,note;{"),
    ],
)
def test_every_message_is_a_line_that_the_server_reads(dispatch: Any, head: bytes) -> None:
    request = dispatch.request("series", 7)

    assert line(request).startswith(head)
    assert parse(line(request), Limits()) == request
    assert (request.series, request.number) == ("series", 7)


def test_every_list_has_its_poll_and_its_answer() -> None:
    cursor = Cursor("longerEp", 3)
    readings = [of_topic("KEY", "scores"), of_queue("KEY", "referee"), of_inbox("TOKEN")]

    assert [line(one.request(None))[:3] for one in readings] == [b"54,", b"56,", b"50,"]
    assert all(parse(line(one.request(cursor)), Limits()) == one.request(cursor) for one in readings)
    assert readings[0].expected is answers.TOPIC_MESSAGES


@pytest.mark.parametrize("name", ["", "*", "a,b", "a;b", "lobby", "x" * 65, "a\n"])
def test_what_is_no_name_is_refused_at_once(name: str) -> None:
    for make in (to_user, to_topic, to_queue):
        with pytest.raises(ValueError, match="not a name"):
            make("KEY", name, "note", None)
        with pytest.raises(ValueError, match="not a name"):
            make("KEY", "bob", name, None)


@pytest.mark.parametrize(("data", "words"), [(object(), "not a value"), ("x" * 8191, "too large"), ("\ud800", "not a")])
def test_what_cannot_be_sent_is_refused_at_once(data: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        to_all("KEY", "note", data)


@pytest.mark.parametrize("seconds", [-1, 2_592_001])
def test_nobody_is_muted_for_ever_or_less_than_no_time(seconds: int) -> None:
    assert checked_seconds(0) == 0

    with pytest.raises(ValueError, match="not seconds"):
        checked_seconds(seconds)


def test_a_kick_without_words_has_no_data() -> None:
    assert kick_data("", None) is None
    assert kick_data("two windows", None) == {"why": "two windows"}
    assert kick_data("", "TOKEN") == {"keep": "TOKEN"}
