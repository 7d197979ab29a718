"""The synchronous messenger, against a real server."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client.bad_network import bad_network, seeded
from tests.site import Site
from turnserver.client import NoRight, Session
from turnserver.messenger import Message, Messenger, NobodyThere, NotAllowed, Timing

QUICK = Timing(pause_first_s=0.01, pause_most_s=0.05, rest_s=0.02)
KICKED = r"kicked: two windows$"


class User:
    """A guest with an inbox."""

    def __init__(self, site: Site, messenger: Messenger) -> None:
        lines: list[bytes] = []
        session = Session(site.url, timing=QUICK, observe=lambda _line, reply: lines.append(reply))
        self.token = session.token
        self.name = lines[0].decode().rpartition("|")[2]
        self.inbox = messenger.inbox(self.token)
        self.inbox.receive(wait_s=0)


def told(messages: list[Message]) -> list[tuple[str, object]]:
    return [(message.action, message.data) for message in messages]


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def test_a_user_reads_what_was_sent_and_broadcast_in_order(site: Site) -> None:
    with Messenger(site.url, site.key, timing=QUICK) as messenger:
        ann = User(site, messenger)
        messenger.send(ann.name, "node_ready", {"id": "n1", "type": "mine", "path": "a.b", "result": None})
        messenger.broadcast("srv_msg", "noon")
        messenger.debug("here", user=ann.name)
        messenger.debug("there")

        assert told(ann.inbox.receive()) == [
            ("node_ready", {"id": "n1", "type": "mine", "path": "a.b", "result": None}),
            ("srv_msg", "noon"),
            ("debug", {"message": "here"}),
            ("debug", {"message": "there"}),
        ]
        assert ann.inbox.receive(wait_s=0) == []
        assert messenger.number == 4


def test_all_who_subscribe_read_what_is_published(site: Site, title: str) -> None:
    with Messenger(site.url, site.key, title=title, timing=QUICK) as messenger:
        ann = User(site, messenger)
        messenger.publish("scores", "goal", 1)
        mine = messenger.subscribe("scores")
        first = mine.receive_one()
        messenger.publish("scores", "goal", 2)

        with Messenger(site.url, ann.token, title=title) as players:
            assert [message.data for message in players.subscribe("scores").receive()] == [1, 2]
        assert [message.data for message in mine.receive()] == [2]
        assert [message.data for message in messenger.subscribe("scores", after=first.after).receive()] == [2]


def test_a_program_hears_what_players_ask_while_it_waits(site: Site) -> None:
    with Messenger(site.url, site.key, timing=QUICK) as messenger:
        ann, queue = User(site, messenger), unique("referee")
        listening = messenger.listen(queue)
        listening.receive(wait_s=0)
        with ThreadPoolExecutor(1) as threads, Messenger(site.url, ann.token) as player:
            heard = threads.submit(listening.receive_one)
            player.enqueue(queue, "check", {"move": "e4, e5"})

            message = heard.result(timeout=20)
        assert (message.action, message.sender, message.data) == ("check", ann.name, {"move": "e4, e5"})
        messenger.send(message.sender, "verdict", data=True)
        assert told(ann.inbox.receive()) == [("verdict", True)]


def test_a_kick_ends_a_wait_at_once_and_says_why(site: Site) -> None:
    with Messenger(site.url, site.key, timing=QUICK) as messenger:
        ann = User(site, messenger)
        with ThreadPoolExecutor(1) as threads:
            held = threads.submit(ann.inbox.receive)
            messenger.kick(ann.name, why="two windows")

            with pytest.raises(NoRight, match=KICKED):
                held.result(timeout=20)
        with pytest.raises(NobodyThere):
            messenger.send(ann.name, "note")


def test_the_session_that_is_kept_reads_why_the_others_ended(site: Site) -> None:
    with Messenger(site.url, site.key, timing=QUICK) as messenger:
        ann = User(site, messenger)
        messenger.kick(ann.name, why="two windows", keep=ann.token)

        assert told(ann.inbox.receive()) == [("kick", {"why": "two windows"})]


def test_a_user_is_muted_and_speaks_again(site: Site) -> None:
    with Messenger(site.url, site.key, timing=QUICK) as messenger:
        ann = User(site, messenger)
        messenger.mute(ann.name, 60)
        messenger.mute(ann.name, 0)
        with pytest.raises(NobodyThere):
            messenger.mute("nobody", 60)
        with Messenger(site.url, ann.token) as player, pytest.raises(NotAllowed):
            player.mute(ann.name, 60)


@pytest.mark.parametrize("seed", range(3))
def test_everything_arrives_once_and_in_order_over_a_bad_network(site: Site, seed: int) -> None:
    queue, count = unique("bad"), 25
    with (
        bad_network(site.url, seeded(seed)) as network,
        Messenger(network.address, site.key, timing=QUICK) as messenger,
    ):
        listening, received = messenger.listen(queue), list[object]()
        listening.receive(wait_s=0)

        def listen() -> None:
            while len(received) < count:
                received.append(listening.receive_one().data)

        listener = threading.Thread(target=listen)
        listener.start()
        for number in range(count):
            messenger.enqueue(queue, "count", number)
        listener.join(timeout=60)

    assert received == list(range(count))


def test_threads_may_share_a_messenger(site: Site) -> None:
    queue = unique("shared")
    with Messenger(site.url, site.key, timing=QUICK) as messenger, ThreadPoolExecutor(4) as threads:
        for sent in [threads.submit(messenger.enqueue, queue, "count", number) for number in range(40)]:
            sent.result(timeout=60)
        with messenger.listen(queue) as listening:
            received = [message.data for message in listening.receive()]

    assert sorted(received) == list(range(40))


def test_two_messengers_with_one_key_do_not_hinder_each_other(site: Site) -> None:
    queue = unique("two")
    with Messenger(site.url, site.key) as one, Messenger(site.url, site.key, series=unique("s"), number=100) as other:
        for number in range(3):
            one.enqueue(queue, "one", number)
            other.enqueue(queue, "other", number)

        assert len(one.listen(queue).receive()) == 6
