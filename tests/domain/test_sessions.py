import pytest

from turnserver.domain.sessions import Session, is_open, kicked, open_guest, opened, session_partition, used
from turnserver.messages.reply import Refused
from turnserver.partition import Document, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits(session_s=60, sessions_max=2, kicked_s=5)


def test_a_guest_has_a_random_id_and_is_named_after_it() -> None:
    session, batch = open_guest(user="abc", sessions=0, limits=LIMITS)

    assert session == Session("guest:abc", "guest-abc")
    assert batch.put == {"session": session}
    assert batch.expect == {"session": 0}
    assert batch.ttl_ms == 60_000


def test_there_are_so_many_sessions_and_no_more() -> None:
    open_guest(user="abc", sessions=1, limits=LIMITS)

    with pytest.raises(Refused) as caught:
        open_guest(user="abc", sessions=2, limits=LIMITS)
    assert caught.value.answer is answers.FULL


def test_a_token_leads_to_its_session_or_to_nothing() -> None:
    session = Session("guest:abc", "guest-abc")

    assert opened(View({"session": Document(1, session)}, {}, 0, 0)) == session
    with pytest.raises(Refused) as caught:
        opened(View({}, {}, 0, 0))
    assert caught.value.answer is answers.NO_RIGHT


def test_use_prolongs_a_session_and_writes_nothing() -> None:
    batch = used(LIMITS)

    assert (batch.ttl_ms, batch.put, batch.lasting) == (60_000, {}, False)
    assert session_partition("00ff") == "session:00ff"


def test_a_kicked_session_says_so_for_a_while() -> None:
    view = View({"session": Document(3, Session("guest:abc", "guest-abc"))}, {}, 0, 0)
    batch = kicked(view, "", LIMITS)
    assert batch is not None
    after = View({"session": Document(4, batch.put["session"])}, {}, 0, 0)

    assert (batch.expect, batch.ttl_ms) == ({"session": 3}, 5_000)
    assert is_open(view.value("session"))
    assert not is_open(after.value("session"))
    with pytest.raises(Refused) as caught:
        opened(after)
    assert (caught.value.answer, caught.value.details) == (answers.NO_RIGHT, "kicked")
    assert kicked(after, "again", LIMITS) is None
    assert kicked(View({}, {}, 0, 0), "", LIMITS) is None


def test_a_kicked_session_says_why_if_there_is_a_reason() -> None:
    batch = kicked(View({"session": Document(3, Session("guest:abc", "guest-abc"))}, {}, 0, 0), "two windows", LIMITS)
    assert batch is not None

    with pytest.raises(Refused) as caught:
        opened(View({"session": Document(4, batch.put["session"])}, {}, 0, 0))
    assert caught.value.details == "kicked: two windows"
