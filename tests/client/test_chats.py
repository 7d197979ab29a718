"""Chat of the synchronous client, against a real server."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.client.bad_network import Fate, bad_network, first, seeded
from tests.client.room_game import QUICK, ROOM
from tests.server_process import ServerProcess
from tests.site import Site
from turnserver.client import Chat, ChatLine, Closed, NoRight, NotAllowed, Session, pair
from turnserver.messenger import Messenger

PASSWORD = "correct horse"
TEXTS = ["hi", "a,b|c%7C;d", "😀", " ", "*", "ä" * 512, "0/41/", "hi"]
LINES = 25


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server where everybody may say as much as they like."""
    folder = tmp_path_factory.mktemp("talkative")
    (folder / "turnserver.toml").write_text("chat_lines_max = 1000\n")
    with ServerProcess(folder, "--durability", "none", "--config", "turnserver.toml") as running:
        yield running.address


def lobby(url: str, title: str, channel: str = "lobby") -> Chat:
    """A new guest's chat."""
    return Session(url, title=title, timing=QUICK).chat(channel)


def texts(chat: Chat, count: int) -> list[str]:
    """The next lines."""
    return [chat.receive_one().text for _ in range(count)]


def test_all_read_what_was_said_as_it_was_said_and_who_comes_later_too(server: str, title: str) -> None:
    with lobby(server, title) as ann, lobby(server, title) as bob:
        assert ann.receive(wait_s=0) == bob.receive(wait_s=0) == []
        for text in TEXTS:
            ann.say(text)

        assert texts(bob, len(TEXTS)) == texts(ann, len(TEXTS)) == TEXTS
        assert ann.receive(wait_s=0) == []
        with lobby(server, title) as cleo:
            assert texts(cleo, len(TEXTS)) == TEXTS
            assert len(ann.people()) == 3


def test_a_line_has_its_speaker_and_a_channel_its_people(server: str, title: str) -> None:
    ann = Session.register(server, title, PASSWORD, title=title, timing=QUICK)
    with ann.chat("chess") as chess, lobby(server, title) as elsewhere:
        chess.say("e4")
        (line,) = chess.receive()

        assert (line.name, line.text, line.unix_ms > 1_700_000_000_000) == (title, "e4", True)
        assert chess.people() == [title]
        assert elsewhere.receive(wait_s=0) == []


def test_the_members_of_a_room_talk_there_and_viewers_do_not(server: str, title: str) -> None:
    one, two, three = (Session(server, title=title, timing=QUICK) for _ in range(3))
    with ExitStack() as stack:
        ann = stack.enter_context(one.create(ROOM | {"viewers": True}, name="ann"))
        bob = stack.enter_context(two.join(ann.id, name="bob"))
        viewer = stack.enter_context(three.watch(ann.id))
        hers, his, theirs = (stack.enter_context(room.chat()) for room in (ann, bob, viewer))
        hers.say("ready?")

        assert [(line.name, line.text) for line in his.receive()] == [("ann", "ready?")]
        assert his.people() == ["ann", "bob"]
        with pytest.raises(NotAllowed):
            theirs.say("me too")
        stack.enter_context(one.join(ann.id))
        with pytest.raises(NoRight):
            hers.say("the old key is dead")


def test_the_two_of_a_game_talk_beside_it(server: str, title: str) -> None:
    with ThreadPoolExecutor(2) as threads, ExitStack() as stack:
        meeting = [
            threads.submit(pair, server, name, partner=partner, title=title, timing=QUICK)
            for name, partner in (("ann", "bob"), ("bob", "ann"))
        ]
        ann, bob = (stack.enter_context(one.result(timeout=30)) for one in meeting)
        hers, his = (stack.enter_context(game.chat()) for game in (ann, bob))
        ann.send("e4")
        hers.say("good luck")

        assert [(line.name, line.text) for line in his.receive()] == [("~ann", "good luck")]
        assert his.people() == ["~ann", "~bob"]
        assert bob.receive_one() == "e4"


def test_a_line_that_is_said_ends_the_wait_of_another_thread(server: str, title: str) -> None:
    with (
        bad_network(server, first()) as network,
        lobby(network.address, title) as ann,
        ThreadPoolExecutor(1) as threads,
    ):
        ann.receive(wait_s=0)
        network.holding.clear()
        received = threads.submit(ann.receive, wait_s=60)
        assert network.holding.wait(10)
        ann.say("hi")

        assert [line.text for line in received.result(timeout=10)] == ["hi"]


def test_the_end_of_a_chat_ends_the_loop_of_another_thread_and_the_server_is_asked_no_more(
    server: str, title: str
) -> None:
    with bad_network(server, first()) as network, ThreadPoolExecutor(1) as threads:
        with lobby(network.address, title) as ann:
            ann.say("hi")
            network.holding.clear()
            reading = threads.submit(lambda: [line.text for line in ann])
            assert network.holding.wait(10)
        assert reading.result(timeout=10) == ["hi"]
        asked = len(network.passed)

        calls: list[Callable[[], object]] = [ann.receive, ann.receive_one, ann.people, partial(ann.say, "hello")]
        for call in calls:
            with pytest.raises(Closed):
                call()
        assert list(ann) == []
        ann.close()
        assert len(network.passed) == asked


def test_a_chat_is_closed_while_others_talk_in_it_and_all_learn_of_it(talkative: str, title: str) -> None:
    for _ in range(20):
        ann, is_going = lobby(talkative, title), threading.Event()

        def talk(ann: Chat = ann, is_going: threading.Event = is_going) -> None:
            while True:
                ann.say("hi")
                is_going.set()

        with ThreadPoolExecutor(3) as threads:
            talking, reading = threads.submit(talk), threads.submit(list[ChatLine], ann)
            assert is_going.wait(10)
            ann.close()

            with pytest.raises(Closed):
                talking.result(timeout=10)
            assert reading.result(timeout=10) is not None


def test_who_waits_for_a_server_that_is_gone_learns_at_once_that_the_chat_is_closed(server: str, title: str) -> None:
    fates = iter([Fate.GOOD] * 2)
    session = Session(server, title=title, timing=QUICK)
    with bad_network(server, lambda: next(fates, Fate.REQUEST_LOST)) as network, ThreadPoolExecutor(1) as threads:
        patient = replace(QUICK, pause_first_s=600, pause_most_s=600, give_up_s=6_000)
        ann = Session(network.address, token=session.token, title=title, timing=patient).chat()
        ann.say("hi")
        network.passing.clear()
        saying = threads.submit(ann.say, "hello")
        assert network.passing.wait(10)
        ann.close()

        with pytest.raises(Closed):
            saying.result(timeout=10)


@pytest.mark.parametrize(
    "fate", [fate for fate in Fate if fate not in (Fate.GOOD, Fate.SWALLOWED)], ids=lambda fate: fate.name
)
def test_a_line_is_said_once_whatever_the_network_does_to_it(server: str, title: str, fate: Fate) -> None:
    fates = iter([Fate.GOOD, fate])
    session = Session(server, title=title, timing=QUICK)
    with bad_network(server, lambda: next(fates, Fate.GOOD)) as network, ExitStack() as stack:
        way = Session(network.address, token=session.token, title=title, timing=QUICK)
        ann = stack.enter_context(way.chat())
        ann.say("hi")
        ann.say("hi")
        assert texts(ann, 2) == ["hi", "hi"]
        assert network.passed[1].body.startswith(b"40,hi,")

    with session.chat() as again:
        assert [line.text for line in again.receive()] == ["hi", "hi"]


@pytest.mark.parametrize("seed", range(3))
def test_over_bad_networks_all_read_every_line_once_and_in_the_same_order(
    talkative: str, title: str, seed: int
) -> None:
    def speak(chat: Chat, name: int) -> None:
        for number in range(LINES):
            chat.say(f"{name}:{number}")

    def talk(chat: Chat, name: int) -> list[str]:
        with chat:
            speaking = threading.Thread(target=speak, args=(chat, name))
            speaking.start()
            read = texts(chat, 3 * LINES)
            speaking.join(timeout=60)
            assert chat.receive(wait_s=0) == []
        return read

    with ExitStack() as stack, ThreadPoolExecutor(3) as threads:
        networks = [stack.enter_context(bad_network(talkative, seeded(seed + 100 * one))) for one in range(3)]
        chats = [lobby(network.address, title) for network in networks]
        talks = [threads.submit(partial(talk, chat, name)) for name, chat in enumerate(chats)]
        read = [one.result(timeout=90) for one in talks]

    assert read[0] == read[1] == read[2]
    for name in range(3):
        assert [text for text in read[0] if text.startswith(f"{name}:")] == [f"{name}:{n}" for n in range(LINES)]


def test_a_server_that_is_killed_and_started_again_is_a_delay_and_nothing_more(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as before, lobby(before.address, "") as ann, lobby(before.address, "") as bob:
        ann.say("one")
        assert texts(bob, 1) == ["one"]
        ann.say("two")
        before.kill()
        with ServerProcess(tmp_path, port=before.port):
            bob.say("three")
            ann.say("four")

            assert texts(bob, 3) == ["two", "three", "four"]
            assert texts(ann, 4) == ["one", "two", "three", "four"]


def test_who_is_muted_is_told(site: Site, title: str) -> None:
    ann = Session.register(site.url, title, PASSWORD, timing=QUICK)
    with ann.chat(title) as chat, Messenger(site.url, site.key) as world:
        world.mute(title, 60)
        with pytest.raises(NotAllowed, match="muted"):
            chat.say("hi")
        world.mute(title, 0)
        chat.say("hello")

        assert texts(chat, 1) == ["hello"]


def test_what_the_server_would_refuse_is_refused_before_it_is_asked() -> None:
    session = Session("http://127.0.0.1:1", token="x" * 43)
    for channel in ("room", "game", "a,b"):
        with pytest.raises(ValueError, match="not a"):
            session.chat(channel)
    with session.chat() as chat:
        for text in ("", "a\nb"):
            with pytest.raises(ValueError, match="line"):
                chat.say(text)
