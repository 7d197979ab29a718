import pytest

from tests.json_server import plain
from turnserver.messages.accounts import AccountCreate, ListedSession, Login, ResetAsk, ResetUse
from turnserver.messages.reply import Malformed, Reply
from turnserver.messages.sessions import Opened
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.accounts import session_body, sessions_body
from turnserver.wire.actions.accounts import (
    AccountSession,
    ChangePassword,
    Credentials,
    DeleteCharacter,
    EndSession,
    GuestSession,
    OpenSessions,
    OwnSession,
    ResetPassword,
)
from turnserver.wire.actions.action import Fields, Line
from turnserver.wire.actions.table import BY_METHOD
from turnserver.wire.room_replies import opened_body


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (Credentials(username="ann", password="a;b%"), Line("ann;a%3Bb%25", "*")),
        (Credentials(username="ann", password="p", token="T"), Line("ann;p", "T")),
        (OwnSession(token="T"), Line(key="T")),
        (ResetPassword(username="ann"), Line("ann")),
        (ResetPassword(reset_token="R", password="a;b"), Line("R;a%3Bb")),
        (ChangePassword(token="T", old_password="a;", password="b"), Line("a%3B;b", "T")),
        (DeleteCharacter(token="T", password="a;"), Line("a%3B", "T")),
        (EndSession(token="T"), Line("*", "T")),
        (EndSession(token="T", session="S"), Line("S", "T")),
    ],
)
def test_fields_spell_lines(fields: Fields, line: Line) -> None:
    assert fields.line() == line


@pytest.mark.parametrize(
    ("method", "given", "request_"),
    [
        ("register", {"username": "ann", "password": "a;\n%"}, AccountCreate(None, "ann", "a;\n%")),
        ("auth", {"username": "ann", "password": "p", "token": "T"}, Login("T", "ann", "p")),
        ("reset-password", {"username": "ann"}, ResetAsk("ann")),
        ("reset-password", {"reset_token": "R", "password": "p;"}, ResetUse("R", "p;")),
    ],
)
def test_a_password_may_hold_anything(method: str, given: dict[str, str], request_: object) -> None:
    action = BY_METHOD[method]

    assert action.request(action.fields_of(given), Limits())[0] == request_


def test_a_reset_is_asked_for_or_used() -> None:
    with pytest.raises(Malformed):
        ResetPassword(username="ann", reset_token="R", password="p").line()


def test_replies_become_answers() -> None:
    guest = Reply(answers.GUEST, opened_body(Opened("T", 60, "guest-1")))
    account = Reply(answers.LOGGED_IN, session_body("T", 60))
    listed = Reply(answers.SESSIONS, sessions_body([ListedSession("S", 7, "192.0.2.1", is_mine=True)]))

    assert GuestSession.read(guest, Fields()) == GuestSession("T", 60, "guest-1")
    assert AccountSession.read(account, Fields()) == AccountSession("T", 60)
    assert plain(OpenSessions.read(listed, Fields())) == {
        "sessions": [{"id": "S", "opened_ms": 7, "address": "192.0.2.1", "is_mine": True}]
    }
