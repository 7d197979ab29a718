"""Inboxes of the synchronous client, against a real server."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.client.bad_network import bad_network, seeded
from tests.client.room_game import QUICK, ROOM
from tests.server_process import ServerProcess
from tests.site import Site
from turnserver.client import Closed, Message, NoRight, Session, Subscription, pair
from turnserver.client.address import address
from turnserver.client.connection import Connection
from turnserver.client.exchange import exchange
from turnserver.client.floor import Floor
from turnserver.messages.inbox import InboxClose
from turnserver.messenger import Messenger
from turnserver.protocol import answers
from turnserver.wire import cursor as cursors

PASSWORD = "correct horse"
COUNT = 40


def data_of(messages: list[Message]) -> list[object]:
    return [message.data for message in messages]


def opened(session: Session) -> Subscription[Message]:
    """The inbox, which is there from now on."""
    inbox = session.inbox()
    assert inbox.receive(wait_s=0) == []
    return inbox


def test_a_user_reads_messages_broadcasts_and_events_in_order(site: Site, title: str) -> None:
    ann, bob = (Session.register(site.url, f"{title}-{who}", PASSWORD, timing=QUICK) for who in ("ann", "bob"))
    with (
        opened(ann) as inbox,
        Messenger(site.url, bob.token) as friend,
        Messenger(site.url, site.key) as world,
        ann.create(ROOM) as room,
    ):
        friend.send(f"{title}-ann", "invite", {"game": "chess; blitz|"})
        world.broadcast("srv_msg", title)
        with bob.join(room.id):
            messages = [inbox.receive_one() for _ in range(3)]
            assert inbox.receive(wait_s=0) == []

        assert [(message.action, message.sender) for message in messages] == [
            ("invite", f"{title}-bob"),
            ("srv_msg", "*"),
            ("room_joined", "*"),
        ]
        assert data_of(messages)[:2] == [{"game": "chess; blitz|"}, title]
        assert inbox.receive_one().action == "room_left"


def test_who_is_paired_with_a_token_reads_of_the_game(site: Site, title: str) -> None:
    ann = Session.register(site.url, title, PASSWORD, timing=QUICK)
    with opened(ann) as inbox, ThreadPoolExecutor() as players:
        finding = players.submit(pair, site.url, "bob", title=title, timing=QUICK)
        with pair(site.url, "ann", title=title, token=ann.token, timing=QUICK):
            finding.result().quit()

            assert [inbox.receive_one().action for _ in range(2)] == ["partner_found", "game_ended"]


def test_nobody_is_paired_with_a_token_that_has_ended(site: Site, title: str) -> None:
    ann = Session.register(site.url, title, PASSWORD, timing=QUICK)
    token = ann.token
    ann.logout()

    with pytest.raises(NoRight):
        pair(site.url, "ann", title=title, token=token, timing=QUICK)


def test_what_was_not_followed_by_another_receive_comes_again_to_who_comes_back(site: Site, title: str) -> None:
    ann = Session.register(site.url, title, PASSWORD, timing=QUICK)
    with opened(ann) as inbox, Messenger(site.url, site.key) as world:
        for number in range(3):
            world.send(title, "note", number)
        first = inbox.receive_one()
        with ann.inbox() as again, ann.inbox(after=first.after) as behind:
            assert data_of(again.receive()) == [0, 1, 2]
            assert data_of(behind.receive()) == [1, 2]
            assert behind.receive(wait_s=0) == []
            with ann.inbox() as later:
                assert later.receive(wait_s=0) == []
    with pytest.raises(ValueError, match="not the place"):
        ann.inbox(after="?")


def test_a_wait_ends_with_the_message(site: Site, title: str) -> None:
    ann = Session.register(site.url, title, PASSWORD, timing=QUICK)
    with opened(ann) as inbox, ThreadPoolExecutor(1) as threads, Messenger(site.url, site.key) as world:
        received = threads.submit(inbox.receive, wait_s=60)
        world.send(title, "note", "hi")

        assert data_of(received.result(timeout=30)) == ["hi"]


@pytest.mark.parametrize("seed", range(3))
def test_over_a_bad_network_every_message_comes_once_and_in_order(site: Site, title: str, seed: int) -> None:
    ann = Session.register(site.url, title, PASSWORD, timing=QUICK)
    opened(ann).close()
    with bad_network(site.url, seeded(seed)) as network, ThreadPoolExecutor(1) as threads:
        inbox = Session(network.address, token=ann.token, timing=QUICK).inbox()

        def read() -> list[object]:
            received: list[object] = []
            for message in inbox:
                received.append(message.data)
                if message.data == COUNT - 1:
                    return received
            raise AssertionError("it has no end")

        reading = threads.submit(read)
        with Messenger(site.url, site.key) as world:
            for number in range(COUNT):
                world.send(title, "note", number)
        received = reading.result(timeout=60)
        inbox.close()

    assert received == list(range(COUNT))


def test_an_inbox_is_read_on_when_the_server_was_killed_and_is_back(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as before:
        ann, bob = (Session.register(before.address, who, PASSWORD, timing=QUICK) for who in ("ann", "bob"))
        with opened(ann) as inbox, Messenger(before.address, bob.token, timing=QUICK) as friend:
            friend.send("ann", "note", 1)
            assert data_of(inbox.receive()) == [1]
            friend.send("ann", "note", 2)
            before.kill()
            with ServerProcess(tmp_path, port=before.port):
                friend.send("ann", "note", 3)
                assert data_of([inbox.receive_one(), inbox.receive_one()]) == [2, 3]
                assert inbox.receive(wait_s=0) == []


def test_an_inbox_that_was_closed_from_elsewhere_is_opened_again(site: Site, title: str) -> None:
    ann = Session.register(site.url, title, PASSWORD, timing=QUICK)
    with opened(ann) as inbox, Messenger(site.url, site.key) as world:
        world.send(title, "note", "one")
        cursor = inbox.receive_one().after
        connection = Connection(address(site.url), QUICK, Floor(), None)
        closing = exchange(InboxClose(ann.token, cursors.parse(cursor)), QUICK, give_up_s=9)
        assert connection.perform(closing).reply.answer is answers.INBOX_CLOSED
        connection.close()
        world.send(title, "note", "two")

        with pytest.raises(Closed, match="elsewhere"):
            inbox.receive()
        with pytest.raises(Closed, match="elsewhere"):
            list(inbox)
        with ann.inbox() as again:
            assert data_of(again.receive()) == ["two"]


def test_who_has_logged_out_reads_no_more(site: Site, title: str) -> None:
    ann = Session.register(site.url, title, PASSWORD, timing=QUICK)
    with opened(ann) as inbox:
        ann.logout()
        with pytest.raises(NoRight):
            inbox.receive()
