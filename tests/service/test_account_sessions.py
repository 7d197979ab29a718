from pathlib import Path

import pytest

from tests.account_server import AccountServer
from turnserver.messages.accounts import ListedSession
from turnserver.protocol.limits import Limits
from turnserver.wire.accounts import parse_sessions


@pytest.fixture
def server(tmp_path: Path) -> AccountServer:
    return AccountServer(tmp_path)


def listed(server: AccountServer, token: str) -> list[ListedSession]:
    reply = server.say(f"68,*,{token},*,*")
    assert reply.startswith("0/68/")
    return parse_sessions(reply.removeprefix("0/68/").encode())


def test_one_sees_ones_own_sessions_and_which_of_them_asks(server: AccountServer) -> None:
    first = server.create()
    second = server.later(5).at("2001:db8::1").log_in()
    server.create("bob")

    assert [one._replace(id="") for one in listed(server, second)] == [
        ListedSession("", 1_000_000, "192.0.2.1", is_mine=False),
        ListedSession("", 1_005_000, "2001:db8::1", is_mine=True),
    ]
    assert [one.is_mine for one in listed(server, first)] == [True, False]


def test_one_ends_any_of_ones_own_sessions_by_its_id(server: AccountServer) -> None:
    first, second = server.create(), server.log_in()
    theirs = next(one.id for one in listed(server, second) if not one.is_mine)

    assert server.say(f"69,{theirs},{second},*,*") == "0/69/*"
    assert (server.has_right(first), server.has_right(second)) == (False, True)
    assert len(listed(server, second)) == 1


def test_one_ends_all_ones_sessions_but_this_one(server: AccountServer) -> None:
    tokens = [server.create(), server.log_in(), server.log_in()]

    assert server.say(f"69,*,{tokens[2]},*,*") == "0/69/*"
    assert [server.has_right(token) for token in tokens] == [False, False, True]


def test_nobody_ends_anothers_session(server: AccountServer) -> None:
    ann, bob = server.create("ann"), server.create("bob")
    anns = listed(server, ann)[0].id

    assert server.say(f"69,{anns},{bob},*,*") == "32/*/*"
    assert server.say(f"69,{'x' * 5000},{bob},*,*") == "32/*/*"
    assert server.has_right(ann)


def test_a_guest_has_no_list(server: AccountServer) -> None:
    guest, _ = server.guest()

    assert server.say(f"68,*,{guest},*,*") == "31/*/*"
    assert server.say(f"69,*,{guest},*,*") == "31/*/*"
    assert server.say("68,*,nonsense,*,*") == "30/*/*"


def test_a_session_that_has_ended_by_itself_is_not_listed(tmp_path: Path) -> None:
    server = AccountServer(tmp_path, Limits(session_s=100))
    server.create()
    server.later(101)

    assert len(listed(server, server.log_in())) == 1
