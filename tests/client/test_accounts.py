"""Accounts by the server's own rules, whatever the network loses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.account_server import PASSWORD, AccountServer
from tests.client.world import heard, missed, perform, scripted
from turnserver.client import accounts
from turnserver.client.errors import (
    BadRequest,
    EmailNotSet,
    NameTaken,
    NoRight,
    NotAllowed,
    ProtocolError,
    TooManyRequests,
    Unreachable,
    WeakPassword,
    WrongPassword,
    WrongState,
)
from turnserver.client.exchange import Heard, Missed, Post, Steps
from turnserver.client.timing import Timing
from turnserver.wire import replies, requests

QUICK = Timing(pause_first_s=0.01, pause_most_s=0.05)
Network = Callable[[Post], Heard | Missed]


@pytest.fixture
def server(tmp_path: Path) -> AccountServer:
    return AccountServer(tmp_path)


def good(server: AccountServer) -> Network:
    """A network without faults."""

    def network(post: Post) -> Heard:
        line = server.say(post.line)
        reply = replies.parse(line.encode())
        is_late = reply.answer.http == 429
        return heard(line, http=reply.answer.http, retry_after_s=int(reply.body) if is_late else 0)

    return network


def losing_replies(server: AccountServer, count: int = 1) -> Network:
    """A network that carries each request, and loses the first replies."""
    through, lost = good(server), iter(range(count))

    def network(post: Post) -> Heard | Missed:
        answer = through(post)
        return answer if next(lost, None) is None else missed()

    return network


def storing_and_silent(server: AccountServer) -> Network:
    """A network that carries each request and no reply."""

    def network(post: Post) -> Missed:
        server.say(post.line)
        return missed(took_s=100)

    return network


def register(
    name: str = "ann", password: str = PASSWORD, *, email: str = "", guest: str | None = None, timing: Timing = QUICK
) -> Steps[str]:
    return accounts.register(name, password, email=email, guest=guest, timing=timing)


def log_in(name: str = "ann", password: str = PASSWORD, *, known: str | None = None) -> Steps[str]:
    return accounts.log_in(name, password, known=known, timing=QUICK)


def test_who_has_registered_is_logged_in_and_can_log_in_again_and_out(server: AccountServer) -> None:
    first = perform(register(), good(server))
    second = perform(log_in("ANN"), good(server))
    assert first != second
    assert server.has_right(first)
    assert server.has_right(second)

    perform(accounts.log_out(second, timing=QUICK), good(server))
    perform(accounts.log_out(second, timing=QUICK), good(server))

    assert server.has_right(first)
    assert not server.has_right(second)


def test_any_password_arrives_as_it_was_meant(server: AccountServer) -> None:
    password = "a;b,c|d%3Be\r\nf ä 😀"
    perform(register(password=password), good(server))

    assert server.has_right(perform(log_in(password=password), good(server)))


def test_a_guest_becomes_the_account(server: AccountServer) -> None:
    token, _ = server.guest()

    account = perform(register(guest=token), good(server))

    assert server.has_right(account)
    assert not server.has_right(token)
    with pytest.raises(NoRight):
        perform(register("bob", guest=token), good(server))
    with pytest.raises(WrongState):
        perform(register("bob", guest=account), good(server))


@pytest.mark.parametrize("is_guest", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_registration_whose_replies_were_lost_is_logged_in_to(
    server: AccountServer, count: int, *, is_guest: bool
) -> None:
    guest = server.guest()[0] if is_guest else None

    token = perform(register(guest=guest), losing_replies(server, count))

    assert server.has_right(token)


def test_a_guest_who_registers_again_after_the_reply_was_lost_is_logged_in(server: AccountServer) -> None:
    guest, _ = server.guest()
    with pytest.raises(Unreachable):
        perform(register(guest=guest), storing_and_silent(server))

    assert server.has_right(perform(register(guest=guest), good(server)))


def test_a_guest_whose_session_has_ended_is_told_so_for_one_guess(server: AccountServer) -> None:
    server.create()
    guest, _ = server.guest()
    perform(accounts.log_out(guest, timing=QUICK), good(server))
    posts: list[Post] = []

    def network(post: Post) -> Heard | Missed:
        posts.append(post)
        return good(server)(post)

    for name in ("ann", "nobody"):
        with pytest.raises(NoRight) as told:
            perform(register(name, "another password", guest=guest), network)
        assert type(told.value) is NoRight
    assert [post.line[:3] for post in posts] == [b"60,", b"61,"] * 2


@pytest.mark.parametrize("fault", [missed(took_s=100), heard("36/*/address", http=400)])
def test_an_address_that_could_not_be_set_loses_no_session(server: AccountServer, fault: Heard | Missed) -> None:
    through = good(server)

    def network(post: Post) -> Heard | Missed:
        return fault if post.line.startswith(b"71,") else through(post)

    with pytest.raises(EmailNotSet, match="the account is there") as told:
        perform(register(email="ann@example.org"), network)

    assert server.has_right(told.value.token)
    assert told.value.token not in f"{told.value} {told.value!r}"


def test_a_login_whose_reply_was_lost_is_repeated(server: AccountServer) -> None:
    server.create()

    assert server.has_right(perform(log_in(), losing_replies(server)))


def test_a_name_that_is_taken_is_told_also_to_a_repeat_and_costs_no_guess_without_one(server: AccountServer) -> None:
    server.create()
    for _ in range(20):
        with pytest.raises(NameTaken):
            perform(register("Ann", "another password"), good(server))

    with pytest.raises(NameTaken):
        perform(register("Ann", "another password"), losing_replies(server))
    assert server.has_right(server.log_in())


def test_a_wrong_password_and_a_wrong_name_are_told_alike(server: AccountServer) -> None:
    server.create()
    for name, password in (("ann", "wrong"), ("nobody", PASSWORD)):
        with pytest.raises(WrongPassword, match=r"^name and password do not fit$"):
            perform(log_in(name, password), good(server))


def test_a_wrong_password_whose_replies_are_lost_is_three_guesses_of_ten_at_most(server: AccountServer) -> None:
    server.create()
    for _ in range(3):
        with pytest.raises(Unreachable):
            perform(log_in(password="wrong"), losing_replies(server, 9))

    assert server.has_right(server.log_in())


def test_a_registration_that_had_to_wait_is_not_taken_for_a_repeat(server: AccountServer) -> None:
    server.create()
    posts: list[Post] = []
    late = heard("43/*/1", http=429, retry_after_s=1)
    with pytest.raises(NameTaken):
        perform(register(), scripted([late, heard("38/*/*", http=409)], posts))

    assert [post.line[:3] for post in posts] == [b"60,", b"60,"]


def test_who_guesses_too_often_learns_when_to_come_again_and_the_owner_is_let_in(server: AccountServer) -> None:
    token = server.create()
    for _ in range(10):
        with pytest.raises(WrongPassword):
            perform(log_in(password="wrong"), good(server))

    with pytest.raises(TooManyRequests) as told:
        perform(log_in(), good(server))
    assert 0 < told.value.retry_after_s <= 600
    assert server.has_right(perform(log_in(known=token), good(server)))


@pytest.mark.parametrize(
    ("name", "password", "kind", "words"),
    [
        ("ann", "short", WeakPassword, "password: less than 8 bytes"),
        ("annabella", "ANNABELLA", WeakPassword, "password: the same as the name"),
        ("guest-ann", PASSWORD, BadRequest, "name: begins with"),
        ("~ann", PASSWORD, BadRequest, "name: begins with"),
    ],
)
def test_the_server_says_what_is_wrong(
    server: AccountServer, name: str, password: str, kind: type[BadRequest], words: str
) -> None:
    with pytest.raises(BadRequest, match=words) as told:
        perform(register(name, password), good(server))

    assert type(told.value) is kind


def test_what_the_server_would_refuse_for_its_form_is_a_value_error_and_nothing_is_posted() -> None:
    nobody = scripted([])
    for name in ("", "a,b", "lobby", "x" * 65):
        with pytest.raises(ValueError, match="name: not"):
            perform(register(name), nobody)
        with pytest.raises(ValueError, match="name: not"):
            perform(log_in(name), nobody)
    for steps in (register(password="x" * 257), log_in(password="x" * 257)):
        with pytest.raises(ValueError, match="too large"):
            perform(steps, nobody)
    with pytest.raises(ValueError, match="address: not"):
        perform(register(email="not one"), nobody)


def test_an_address_is_set_with_the_account_or_later(server: AccountServer) -> None:
    token = perform(register(email="ann@example.org"), losing_replies(server))
    perform(accounts.set_email(token, PASSWORD, "", timing=QUICK), losing_replies(server))

    with pytest.raises(NotAllowed):
        perform(accounts.set_email(token, "wrong", "ann@example.org", timing=QUICK), good(server))
    with pytest.raises(NotAllowed):
        perform(accounts.set_email(server.guest()[0], PASSWORD, "ann@example.org", timing=QUICK), good(server))
    with pytest.raises(NoRight):
        perform(accounts.set_email("x" * 43, PASSWORD, "ann@example.org", timing=QUICK), good(server))


@pytest.mark.parametrize(
    "steps", [register(), log_in(), accounts.log_out("x", timing=QUICK), accounts.set_email("x", "y", "", timing=QUICK)]
)
def test_an_answer_that_makes_no_sense_is_said_to(steps: Steps[object]) -> None:
    with pytest.raises(ProtocolError):
        perform(steps, scripted([heard("0/10/*")]))


def test_the_fields_of_the_answer_are_looked_at() -> None:
    with pytest.raises(ProtocolError, match="not a reply of this protocol"):
        perform(log_in(), scripted([heard("0/61/TOKEN")]))


def test_a_repr_of_what_is_asked_shows_no_secret() -> None:
    email = accounts.set_email("TOKEN", PASSWORD, "ann@example.org", timing=QUICK)
    for steps in (register(guest="TOKEN"), log_in(known="TOKEN"), email, accounts.log_out("TOKEN", timing=QUICK)):
        asked: Any = steps
        line = next(asked).line
        request = asked.gi_yieldfrom.gi_frame.f_locals["request"]

        assert b"TOKEN" in line
        assert requests.line(request) == line
        assert not any(hidden in repr(request) for hidden in ("TOKEN", PASSWORD))


def test_a_server_that_does_not_answer_is_given_up() -> None:
    for steps in (register(), log_in(), accounts.log_out("x", timing=QUICK)):
        with pytest.raises(Unreachable):
            perform(steps, scripted([missed(took_s=QUICK.first_reply_s)]))
