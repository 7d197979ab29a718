"""The synchronous client, against a real server."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.client.bad_network import Fate, bad_network, first, seeded
from tests.server_process import ServerProcess
from turnserver.client import (
    Game,
    GameClosed,
    NoPartner,
    PartnerLeft,
    Role,
    Timing,
    Unreachable,
    pair,
)

QUICK = Timing(pause_first_s=0.01, pause_most_s=0.05, rest_s=0.02)
TEXTS = ["hi", "a,b|c%7C;d\r\n", "😀", "\n", " ", "*", "x" * 16_000, "0/9/", "end"]


def together(*works: Callable[[], object]) -> None:
    """Run all at the same time; the first error of any of them is raised."""
    with ThreadPoolExecutor(len(works)) as threads:
        for running in [threads.submit(work) for work in works]:
            running.result(timeout=60)


def two_games(url: str, title: str) -> tuple[Game, Game]:
    with ThreadPoolExecutor(2) as threads:
        ann: Future[Game] = threads.submit(pair, url, "ann", partner="bob", title=title, timing=QUICK)
        bob: Future[Game] = threads.submit(pair, url, "bob", partner="ann", title=title, timing=QUICK)
        return ann.result(timeout=30), bob.result(timeout=30)


def test_two_players_meet_and_know_their_parts(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with ann, bob:
        assert (ann.name, ann.partner, bob.name, bob.partner) == ("ann", "bob", "bob", "ann")
        assert {ann.role, bob.role} == {Role.SERVER, Role.CLIENT}


def test_any_text_arrives_as_it_was_sent(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with ann, bob:
        for text in TEXTS:
            ann.send(text)

        assert [bob.receive_one() for _ in TEXTS] == TEXTS


def test_receive_brings_all_that_came(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with ann, bob:
        ann.send("one")
        ann.send("two")

        assert bob.receive(wait_s=10) == ["one", "two"]
        assert bob.receive(wait_s=0) == []
        assert bob.receive(wait_s=0.03) == []


def test_a_loop_over_a_game_ends_when_the_partner_has_left_and_all_was_received(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with bob:
        with ann:
            for text in TEXTS:
                ann.send(text)

        assert list(bob) == TEXTS
        with pytest.raises(PartnerLeft):
            bob.receive()
        with pytest.raises(PartnerLeft):
            bob.send("too late")


def test_a_loop_over_a_game_ends_when_this_player_quits(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with ann, bob:
        ann.send("bye")
        for _ in bob:
            bob.quit()
        bob.quit()

        with pytest.raises(GameClosed):
            bob.send("hi")


def test_a_text_that_is_handed_in_ends_the_wait_of_another_thread(server: str, title: str) -> None:
    with bad_network(server, first()) as network:
        ann, bob = two_games(network.address, title)
        with ann, bob, ThreadPoolExecutor(1) as threads:
            network.holding.clear()
            received = threads.submit(ann.receive, wait_s=60)
            assert network.holding.wait(10)
            ann.send("hi")

            assert bob.receive_one() == "hi"
            assert not received.done()
            bob.send("hello")
            assert received.result(timeout=10) == ["hello"]


def test_many_threads_may_send_and_wait_at_once(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    names = [str(number) for number in range(4)]

    def send(game: Game, name: str) -> None:
        for number in range(20):
            game.send(f"{name} {number}")

    def receive(game: Game) -> None:
        by_name: dict[str, list[str]] = {name: [] for name in names}
        for _ in range(80):
            name, number = game.receive_one().split()
            by_name[name].append(number)
        assert all(numbers == [str(number) for number in range(20)] for numbers in by_name.values())

    with ann, bob:
        works = [lambda game=game, name=name: send(game, name) for game in (ann, bob) for name in names]
        together(*works, lambda: receive(ann), lambda: receive(bob))


@pytest.mark.parametrize("seed", range(4))
def test_over_a_bad_network_every_text_arrives_once_and_in_order(server: str, title: str, seed: int) -> None:
    sent = [f"{number}|%" for number in range(40)]

    both_done = threading.Barrier(2)

    def play(url: str, name: str, partner: str) -> None:
        with pair(url, name, partner=partner, title=title, timing=QUICK) as game:
            received: list[str] = []
            reader = threading.Thread(target=lambda: received.extend(game.receive_one() for _ in sent))
            reader.start()
            for text in sent:
                game.send(text)
            reader.join()
            both_done.wait(30)
            assert received == sent

    with bad_network(server, seeded(seed)) as network:
        together(lambda: play(network.address, "ann", "bob"), lambda: play(network.address, "bob", "ann"))

    assert len(network.passed) > 2 * len(sent)


def test_the_game_goes_on_when_the_server_was_killed_and_is_back(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as before:
        ann, bob = two_games(before.address, "")
        ann.send("one")
        before.kill()
        with ServerProcess(tmp_path, port=before.port), ann, bob:
            ann.send("two")

            assert bob.receive(wait_s=10) == ["one", "two"]


def test_a_server_that_is_not_there_is_unreachable(server: str, title: str) -> None:
    with bad_network(server, first()) as network:
        pass

    with pytest.raises(Unreachable, match=network.address):
        pair(network.address, "ann", title=title, timing=Timing(first_reply_s=0.05))


def test_what_was_under_way_when_the_server_went_away_is_sent_once_when_it_is_back(server: str, title: str) -> None:
    fates = [Fate.GOOD]
    impatient = Timing(give_up_s=0.05)
    with bad_network(server, lambda: fates[-1]) as network, ThreadPoolExecutor(1) as threads:
        anns = threads.submit(pair, network.address, "ann", partner="bob", title=title, timing=impatient)
        with pair(server, "bob", partner="ann", title=title, timing=QUICK) as bob, anns.result(timeout=30) as ann:
            fates.append(Fate.REPLY_LOST)
            with pytest.raises(Unreachable):
                ann.send("one")
            fates.append(Fate.GOOD)
            ann.send("two")

            assert bob.receive(wait_s=10) == ["one", "two"]


def test_who_finds_nobody_in_time_is_taken_out_of_the_line(server: str, title: str) -> None:
    with pytest.raises(NoPartner):
        pair(server, "ann", title=title, pair_s=0.1, timing=QUICK)
    with pytest.raises(NoPartner):
        pair(server, "bob", title=title, pair_s=0.1, timing=QUICK)


@pytest.mark.parametrize(
    ("url", "name", "partner", "title"),
    [
        ("localhost", "ann", None, ""),
        ("http://localhost", "", None, ""),
        ("http://localhost", "ann", "b,b", ""),
        ("http://localhost", "ann", None, "no/title"),
    ],
)
def test_what_the_server_would_refuse_is_refused_before_it_is_asked(
    url: str, name: str, partner: str | None, title: str
) -> None:
    with pytest.raises(ValueError, match=r"URL|register|title"):
        pair(url, name, partner=partner, title=title)


def test_a_goodbye_that_nobody_hears_does_not_hide_how_the_block_ended(server: str, title: str) -> None:
    with bad_network(server, first()) as network:
        ann, bob = two_games(network.address, title)
    with bob:
        pass
    with pytest.raises(KeyError), ann:
        raise KeyError
