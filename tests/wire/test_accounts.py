import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.messages.accounts import (
    AccountCreate,
    AccountDelete,
    AccountEmail,
    AccountRequest,
    ListedSession,
    Login,
    Logout,
    PasswordChange,
    ResetAsk,
    ResetUse,
    SessionEnd,
    SessionList,
)
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.wire.accounts import checked_email, parse_session, parse_sessions, session_body, sessions_body
from turnserver.wire.requests import line, parse

LIMITS = Limits(password_bytes_max=16)


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (b"60,ann;horse,*,*,*", AccountCreate(None, "ann", "horse")),
        (b"60,ann;horse,TOKEN,*,*", AccountCreate("TOKEN", "ann", "horse")),
        (b"61,ann;a,b%3B%25,*,*,*", Login(None, "ann", "a,b;%")),
        (b"61,ann;,TOKEN,*,*", Login("TOKEN", "ann", "")),
        (b"63,*,TOKEN,*,*", Logout("TOKEN")),
        (b"64,old;new%0A,TOKEN,*,*", PasswordChange("TOKEN", "old", "new\n")),
        (b"65,horse,TOKEN,*,*", AccountDelete("TOKEN", "horse")),
        (b"66,ann,*,*,*", ResetAsk("ann")),
        (b"67,RESET;horse,*,*,*", ResetUse("RESET", "horse")),
        (b"68,*,TOKEN,*,*", SessionList("TOKEN")),
        (b"69,ID,TOKEN,*,*", SessionEnd("TOKEN", "ID")),
        (b"69,*,TOKEN,*,*", SessionEnd("TOKEN", None)),
        (b"71,a%3Bb;ann+games@example.org,TOKEN,*,*", AccountEmail("TOKEN", "a;b", "ann+games@example.org")),
        (b"71,horse;,TOKEN,*,*", AccountEmail("TOKEN", "horse", None)),
    ],
)
def test_each_symbol_has_its_request_and_its_line(body: bytes, request_: AccountRequest) -> None:
    assert parse(body, LIMITS) == request_
    assert line(request_) == body


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(b"60,ann,*,*,*", answers.BAD_DATA, id="no password"),
        pytest.param(b"60,ann;a;b,*,*,*", answers.BAD_DATA, id="a password that is not encoded"),
        pytest.param(b"61,;horse,*,*,*", answers.BAD_DATA, id="no name"),
        pytest.param(b"61,a%2Cb;horse,*,*,*", answers.BAD_DATA, id="a comma in the name"),
        pytest.param(b"61,%7Flobby;horse,*,*,*", answers.BAD_DATA, id="a control character in the name"),
        pytest.param(b"61,ann;%FF,*,*,*", answers.BAD_DATA, id="a password that is not UTF-8"),
        pytest.param(b"61,ann;%s,*,*,*" % (b"x" * 17), answers.TOO_LARGE, id="a password too long"),
        pytest.param(b"64,horse,TOKEN,*,*", answers.BAD_DATA, id="no new password"),
        pytest.param(b"65,%FF,TOKEN,*,*", answers.BAD_DATA, id="not UTF-8"),
        pytest.param(b"66,lobby,*,*,*", answers.BAD_DATA, id="no name of a user"),
        pytest.param(b"67,horse,*,*,*", answers.BAD_DATA, id="no token"),
        pytest.param(b"71,horse,TOKEN,*,*", answers.BAD_DATA, id="a password alone"),
    ],
)
def test_what_is_no_request_of_accounts_is_refused(body: bytes, answer: Answer) -> None:
    with pytest.raises(Malformed) as caught:
        parse(body, LIMITS)

    assert caught.value.answer is answer


def test_a_complaint_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(Malformed) as caught:
        parse(b"61,ann;correct;horse,*,*,*", LIMITS)

    assert "horse" not in f"{caught.value.details}{caught.value!r}"


@given(st.text(st.characters(codec="utf-8"), max_size=4))
def test_any_password_arrives_as_it_was_meant(password: str) -> None:
    for request in (Login(None, "ann", password), PasswordChange("TOKEN", password, password)):
        assert parse(line(request), LIMITS) == request


def test_the_replies_are_read_as_they_were_written() -> None:
    listed = [ListedSession("a", 1, "192.0.2.1", is_mine=True), ListedSession("b", 2, "::1", is_mine=False)]

    assert parse_session(session_body("TOKEN", 60)) == ("TOKEN", 60)
    assert parse_sessions(sessions_body(listed)) == listed
    assert sessions_body(listed) == b"a;1;192.0.2.1;1|b;2;::1;0"


@pytest.mark.parametrize("body", [b"*", b"a;x;::1;0", b"a;1;::1;2", b"a;1;::1"])
def test_what_is_no_list_of_sessions_is_told(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a session|values to unpack"):
        parse_sessions(body)


@pytest.mark.parametrize("email", ["a@b", "ann@example.org", "o'neil+x.y@mail.example-1.co", "a" * 64 + "@b.c"])
def test_an_address_is_one_that_mail_could_be_sent_to(email: str) -> None:
    assert checked_email(email) == email


@pytest.mark.parametrize(
    "email",
    [
        *(
            "ann",
            "@example.org",
            "ann@",
            "ann@-a.b",
            "ann@a..b",
            "ann@a.b.",
            "a b@c.d",
            "ann@example.org\nBcc: eve@x.y",
        ),
        *("ann@exämple.org", "<ann@example.org>", "a@b,c@d", "a" * 65 + "@b.c", "a@" + "b." * 127 + "c", "ann@b@c"),
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Malformed) as caught:
        checked_email(email)

    assert caught.value.answer is answers.BAD_DATA


def test_no_address_is_none() -> None:
    assert checked_email("") is None
