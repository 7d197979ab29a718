import pytest

from turnserver.domain.chat import (
    Channel,
    People,
    Person,
    Said,
    Voice,
    in_game,
    in_lobby,
    in_room,
    opening,
    packed,
    present,
    said_of,
    say,
    visit,
)
from turnserver.domain.sessions import Session
from turnserver.messages.chat import ChatSay
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused
from turnserver.partition import EMPTY, Batch, Document, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits(chat_history_lines_max=3, chat_lines_max=2, chat_window_s=10, chat_presence_s=60, chat_s=100)
ANN = Voice("chat:\nlobby", "k1", "guest:1", "ann")
NOBODY = View({}, {}, 0, 0)


def line(number: int, *, user: str = "guest:2", key: str = "k2", offset: int = -1, at_ms: int = 0) -> bytes:
    return packed(Said(key, user, "bob", at_ms, 1_000, offset, f"{number}"))


def channel(*lines: bytes, now_ms: int = 0, people: People | None = None) -> View:
    documents = {"channel": Document(1, Channel("ep"))}
    if people is not None:
        documents["people"] = Document(4, people)
    return View(documents, {"lines": EMPTY.appended(lines)}, now_ms, 0)


def said(view: View, text: str = "hello", cursor: Cursor | None = None) -> Batch | None:
    return say(view, ANN, ChatSay("KEY", "lobby", cursor, text), unix_ms=7, limits=LIMITS)


def test_a_channel_begins_with_an_epoch_and_lives_as_long_as_it_is_used() -> None:
    batch = opening("ep", limits=LIMITS)

    assert (batch.expect, batch.put, batch.ttl_ms) == ({"channel": 0}, {"channel": Channel("ep")}, 100_000)


def test_a_line_is_kept_with_all_that_is_known_of_it() -> None:
    batch = said(channel(line(0), now_ms=5), cursor=Cursor("ep", 1))

    assert batch is not None
    (item,) = batch.append["lines"]
    assert said_of(item) == Said("k1", "guest:1", "ann", 5, 7, 1, "hello")
    assert batch.expect == {"lines": 1, "channel": 1}
    assert batch.ttl_ms == 100_000


def test_the_oldest_line_makes_room() -> None:
    batch = said(channel(line(0), line(1), line(2)))

    assert batch is not None
    assert batch.release == {"lines": 1}


def test_a_line_is_a_repeat_if_the_same_key_said_the_same_under_the_same_cursor() -> None:
    mine = packed(Said("k1", "guest:1", "ann", 0, 0, 1, "hello"))

    assert said(channel(line(0), mine), "hello", Cursor("ep", 1)) is None
    assert said(channel(line(0), mine), "other", Cursor("ep", 1)) is not None
    assert said(channel(line(0), mine), "hello", Cursor("ep", 2)) is not None
    assert said(channel(line(0, offset=1), line(1, offset=0)), "0", Cursor("ep", 1)) is not None


@pytest.mark.parametrize(
    ("cursor", "answer"),
    [
        pytest.param(Cursor("EP", 0), answers.TOO_OLD, id="of a channel that has ended"),
        pytest.param(Cursor("ep", 0), answers.TOO_OLD, id="before a line of this key"),
        pytest.param(Cursor("ep", 3), answers.BAD_CURSOR, id="never given"),
    ],
)
def test_a_line_under_a_cursor_that_is_none_of_now_is_refused(cursor: Cursor, answer: answers.Answer) -> None:
    view = channel(line(0), line(1, key="k1", offset=1))

    with pytest.raises(Refused) as caught:
        said(view, "hello", cursor)
    assert caught.value.answer is answer


@pytest.mark.parametrize(("now_ms", "seconds"), [(9_000, "2"), (9_999, "2"), (10_001, "1"), (10_999, "1")])
def test_too_many_lines_are_refused_with_the_seconds_to_wait(now_ms: int, seconds: str) -> None:
    lines = [line(at, user="guest:1", at_ms=at) for at in (1_000, 1_000, 8_000)]

    with pytest.raises(Refused) as caught:
        said(channel(*lines[1:], now_ms=now_ms))
    assert caught.value.answer is answers.TOO_MANY_REQUESTS
    assert caught.value.details == seconds
    assert said(channel(*lines[1:], now_ms=11_000)) is not None


def test_a_guest_in_the_lobby_speaks_with_the_name_of_its_session() -> None:
    voice = in_lobby(Session("guest:1", "ann"), title="chess", channel="lobby", key="k1")

    assert voice == Voice("chat:chess\nlobby", "k1", "guest:1", "ann")
    assert voice.is_in_lobby


def test_a_key_that_leads_nowhere_gives_no_right() -> None:
    with pytest.raises(Refused) as room:
        in_room(NOBODY, "digest", key="k1")
    with pytest.raises(Refused) as game:
        in_game(NOBODY, "KEY", key="k1")

    assert room.value.answer is game.value.answer is answers.NO_RIGHT


def test_who_is_there_is_noted_and_noted_again_after_a_while() -> None:
    here = People((Person("guest:1", "ann", 0),))

    assert visit(channel(), ANN, limits=LIMITS).put == {"people": here}
    assert visit(channel(people=here, now_ms=14_999), ANN, limits=LIMITS).put == {}
    again = visit(channel(people=here, now_ms=15_000), ANN, limits=LIMITS)
    assert again.put == {"people": People((Person("guest:1", "ann", 15_000),))}
    assert (again.expect, again.ttl_ms, again.lasting) == ({"people": 4}, 100_000, False)


def test_who_was_not_heard_for_long_is_there_no_more() -> None:
    view = channel(people=People((Person("guest:1", "ann", 0), Person("guest:2", "bob", 1))), now_ms=60_000)

    assert present(view, limits=LIMITS) == ["bob"]
    assert present(NOBODY, limits=LIMITS) == []
