"""Sessions of the synchronous client, against a real server."""

from contextlib import suppress

import pytest

from tests.client.bad_network import Fate, bad_network, first, seeded
from tests.client.room_game import QUICK, ROOM
from turnserver.client import NameTaken, NoRight, NotAllowed, Session, Unreachable, WeakPassword, WrongPassword

PASSWORD = "correct horse"


def test_an_account_makes_and_joins_rooms_under_its_name_from_any_of_its_sessions(server: str, title: str) -> None:
    ann = Session.register(server, title, PASSWORD, title=title, timing=QUICK)
    again = Session.login(server, title.upper(), PASSWORD, token=ann.token, title=title, timing=QUICK)
    with ann.create(ROOM) as room:
        assert room.setup.members[0] == title
        assert again.join(room.id).seat == room.seat
        with pytest.raises(NoRight):
            room.ready()


def test_a_guest_becomes_an_account_and_keeps_its_seat(server: str, title: str) -> None:
    guest = Session(server, title=title, timing=QUICK)
    room = guest.create(ROOM)
    room.close()

    ann = Session.register(server, title, PASSWORD, guest=guest.token, title=title, timing=QUICK)

    with ann.join(room.id) as mine:
        assert mine.seat == room.seat
    with pytest.raises(NoRight):
        guest.list()


def test_who_has_logged_out_has_no_right_any_more(server: str, title: str) -> None:
    ann = Session.register(server, title, PASSWORD, email="ann@example.org", timing=QUICK)
    other = Session(server, token=ann.token, timing=QUICK)
    ann.logout()
    ann.logout()

    with pytest.raises(NoRight):
        other.list()


def test_a_session_that_was_never_used_logs_out_without_a_request() -> None:
    Session("http://127.0.0.1:1").logout()


def test_the_server_says_no_in_words_of_its_own(server: str, title: str) -> None:
    ann = Session.register(server, title, PASSWORD, timing=QUICK)
    with pytest.raises(NameTaken):
        Session.register(server, title, "another password", timing=QUICK)
    with pytest.raises(WeakPassword, match="less than 8"):
        Session.register(server, f"{title}-2", "short", timing=QUICK)
    with pytest.raises(WrongPassword):
        Session.login(server, title, "wrong", timing=QUICK)
    with pytest.raises(NotAllowed):
        ann.set_email("ann@example.org", "wrong")
    with pytest.raises(ValueError, match="name"):
        Session.login(server, "a,b", PASSWORD)
    ann.set_email("ann@example.org", PASSWORD)


@pytest.mark.parametrize("fate", [Fate.REQUEST_LOST, Fate.REPLY_LOST, Fate.REPLY_CUT, Fate.LATE, Fate.BUSY])
def test_an_account_is_made_whatever_the_network_loses(server: str, title: str, fate: Fate) -> None:
    with bad_network(server, first(fate)) as network:
        ann = Session.register(network.address, title, PASSWORD, timing=QUICK)
        assert ann.list() == []
        assert Session.login(network.address, title, PASSWORD, timing=QUICK).list() == []


def test_a_request_that_something_on_the_way_doubles_finds_its_own_name_taken_and_logs_in(
    server: str, title: str
) -> None:
    with bad_network(server, first(Fate.TWICE)) as network:
        with pytest.raises(NameTaken):
            Session.register(network.address, title, PASSWORD, timing=QUICK)
        assert Session.login(network.address, title, PASSWORD, timing=QUICK).list() == []


def login_at_last(url: str, name: str) -> Session:
    """A session, for who tries again: one call repeats a login only so often."""
    while True:
        with suppress(Unreachable):
            return Session.login(url, name, PASSWORD, timing=QUICK)


@pytest.mark.parametrize("seed", range(3))
def test_over_a_bad_network_sessions_of_an_account_open_and_end(server: str, title: str, seed: int) -> None:
    Session.register(server, title, PASSWORD, timing=QUICK)
    with bad_network(server, seeded(seed)) as network:
        for _ in range(5):
            ann = login_at_last(network.address, title)
            assert ann.list() == []
            ann.logout()
            with pytest.raises(NoRight):
                ann.list()


def test_what_is_asked_can_be_observed(server: str, title: str) -> None:
    seen: list[bytes] = []
    ann = Session.register(server, title, PASSWORD, timing=QUICK, observe=lambda line, _reply: seen.append(line[:3]))
    ann.logout()

    assert seen == [b"60,", b"63,"]
