"""Rooms of the synchronous client, against a real server."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.client.bad_network import BadNetwork, bad_network, seeded
from tests.client.room_game import QUICK, ROOM, START, State, all_commands, digest, step
from tests.server_process import ServerProcess
from turnserver.client import (
    BadRequest,
    Diverged,
    NameTaken,
    NoRight,
    NotAllowed,
    Room,
    RoomUnknown,
    ServerFull,
    Session,
    WrongState,
)
from turnserver.messages.items import Configured, Joined, Left, Moved, Packet

TURNS = 25


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """The results of all, which run at the same time."""
    with ThreadPoolExecutor(len(works)) as threads:
        games = [threads.submit(work) for work in works]
        wait(games, timeout=60, return_when=FIRST_EXCEPTION)
        return [game.result() for game in sorted(games, key=lambda game: not (game.done() and game.exception()))]


def rooms(urls: list[str], title: str, **wishes: Any) -> tuple[list[Session], list[Room]]:
    """A new room, and its members, each of which reaches the server by a way of its own."""
    sessions = [Session(url, title=title, timing=QUICK) for url in urls]
    made = sessions[0].create(ROOM | wishes, name="p0")
    return sessions, [made, *(one.join(made.id, name=f"p{seat}") for seat, one in enumerate(sessions[1:], 1))]


def play(room: Room, *, turns: int = TURNS, **more: Any) -> State:
    """The whole game of a member."""
    given: dict[str, Any] = {
        "step": step,
        "commands": lambda generation, _state: f"p{room.seat}g{generation}",
        "until": lambda state: len(state) >= turns,
        "digest": digest,
    }
    with closing(room):
        room.begin()
        return room.lockstep(state=START, **given | more).run()


def test_three_players_play_to_the_end(server: str, title: str) -> None:
    _, everybody = rooms([server] * 3, title)

    states = at_once([partial(play, room) for room in everybody])

    assert states == [all_commands(3, TURNS)] * 3


@pytest.mark.parametrize("seed", range(3))
def test_over_bad_networks_all_see_the_same_packets_and_every_command_once(server: str, title: str, seed: int) -> None:
    with (
        bad_network(server, seeded(seed)) as one,
        bad_network(server, seeded(seed + 100)) as two,
        bad_network(server, seeded(seed + 200)) as three,
    ):
        networks: list[BadNetwork] = [one, two, three]
        _, everybody = rooms([network.address for network in networks], title)
        states = at_once([partial(play, room) for room in everybody])

    assert states == [all_commands(3, TURNS)] * 3


def test_a_player_that_comes_back_in_the_middle_sees_the_whole_game(server: str, title: str) -> None:
    sessions, everybody = rooms([server] * 3, title)

    def vanish_and_return() -> State:
        gone = everybody[2]
        gone.begin()
        game = gone.lockstep(step, START, commands=lambda generation, _state: f"p2g{generation}", digest=digest)
        while game.generation < 8:
            game.turn()
        gone.close()
        token = sessions[2].token
        back = Session(server, token=token, title=title, timing=QUICK).join(gone.id)
        assert back.seat == 2
        return play(back)

    others: list[Callable[[], State]] = [partial(play, room) for room in everybody[:2]]
    states = at_once([*others, vanish_and_return])

    assert states == [all_commands(3, TURNS)] * 3


def test_a_server_that_is_killed_and_started_again_in_mid_game_is_a_delay_and_nothing_more(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as before:
        _, everybody = rooms([before.address] * 3, "")
        reached = [0, 0, 0]

        def slow_step(state: State, generation: int, commands: Any) -> State:
            time.sleep(0.01)
            return step(state, generation, commands)

        def playing(seat: int) -> State:
            def heed(generation: int, _state: State) -> str:
                reached[seat] = generation
                return f"p{seat}g{generation}"

            return play(everybody[seat], turns=60, step=slow_step, commands=heed)

        with ThreadPoolExecutor(3) as threads:
            games = [threads.submit(playing, seat) for seat in range(3)]
            while min(reached) < 15:
                time.sleep(0.005)
            before.kill()
            with ServerProcess(tmp_path, port=before.port):
                states = [game.result(timeout=60) for game in games]

    assert states == [all_commands(3, 60)] * 3


def test_a_game_that_differs_ends_for_all_with_the_same_words(server: str, title: str) -> None:
    _, everybody = rooms([server] * 3, title)

    def differing(room: Room) -> Diverged:
        with pytest.raises(Diverged) as told:
            play(room, digest=lambda state: "x" if room.seat == 1 and len(state) >= 7 else digest(state))
        return told.value

    errors = at_once([partial(differing, room) for room in everybody])

    assert {(error.generation, error.minority, str(error)) for error in errors} == {(7, (1,), str(errors[0]))}


def test_everybody_sees_the_configuration_and_agrees_to_the_newest(server: str, title: str) -> None:
    _, (ann, bob) = rooms([server] * 2, title, players=[2, 2], config={"map": "hills", "fog": True})
    with ann, bob:
        ann.configure({"map": "lake", "fog": None})
        ann.ready()
        bob.configure({"size": 3})

        setups = at_once([ann.begin, bob.begin])

    assert [dict(setup.config) for setup in setups] == [{"map": "lake", "size": 3}] * 2
    assert setups[0].members == setups[1].members == ("p0", "p1")


def test_who_is_ready_can_be_so_no_longer(server: str, title: str) -> None:
    _, (ann, bob) = rooms([server] * 2, title, players=[2, 2])
    with ann, bob:
        ann.ready()
        ann.ready(is_ready=False)
        bob.ready()

    assert (ann.ready_seats, bob.ready_seats, bob.state) == (frozenset(), frozenset({1}), "setup")


def test_items_are_received_while_nobody_plays(server: str, title: str) -> None:
    ann = Session(server, title=title, timing=QUICK).create(ROOM, name="ann")
    with ann, ThreadPoolExecutor(1) as threads:
        received = threads.submit(ann.receive, wait_s=30)
        with Session(server, title=title).join(ann.id, name="bob"):
            assert received.result(timeout=20) == [Joined(1, "bob")]
        assert ann.receive() == [Left(1, "left")]
        ann.configure({"map": "lake"})
        assert ann.receive(wait_s=0) == [Configured('{"map":"lake"}')]
        assert ann.receive(wait_s=0.03) == []


def test_a_pause_of_another_thread_holds_the_game_until_it_is_resumed(server: str, title: str) -> None:
    _, everybody = rooms([server] * 2, title, players=[2, 2])
    told: list[object] = []
    everybody[0].ready()
    everybody[1].ready()
    with ThreadPoolExecutor(2) as threads:
        games = [threads.submit(play, room, turns=40, on_item=told.append) for room in everybody]
        everybody[0].event("pause")
        time.sleep(0.2)
        assert not any(game.done() for game in games)
        everybody[1].event("resume")
        states = [game.result(timeout=30) for game in games]

    assert states == [all_commands(2, 40)] * 2
    assert told.count(Moved("running/paused")) == 2


def test_a_viewer_watches_the_whole_game(server: str, title: str) -> None:
    _, everybody = rooms([server] * 3, title, viewers=True)
    watching = Session(server, title=title, timing=QUICK).watch(everybody[0].id)

    states = at_once([partial(play, room) for room in (*everybody, watching)])

    assert watching.seat is None
    assert states == [all_commands(3, TURNS)] * 4


def test_open_rooms_are_listed(server: str, title: str) -> None:
    session = Session(server, title=title)
    with session.create(ROOM | {"name": "hills | lakes"}) as room:
        (listed,) = session.list(has_seat=True, state="setup")
        assert (listed.room, listed.name, listed.players, listed.most) == (room.id, "hills | lakes", 1, 3)
        assert session.list(engine="another") == []
    assert session.list() == []


def test_the_server_says_no_in_words_of_its_own(server: str, title: str) -> None:
    session, other = (Session(server, title=title, timing=QUICK) for _ in range(2))
    with session.create(ROOM | {"players": [1, 2]}, name="ann") as room:
        with pytest.raises(NameTaken):
            other.join(room.id, name="ann")
        with pytest.raises(NotAllowed):
            other.watch(room.id)
        with pytest.raises(RoomUnknown):
            other.join("x" * 12)
        with pytest.raises(WrongState):
            room.event("no such event")
        with pytest.raises(BadRequest):
            room.configure({"map": "x" * 10_000})
        with pytest.raises(NoRight):
            Session(server, token="x" * 43).join(room.id)
        with other.join(room.id), pytest.raises(ServerFull):
            Session(server, title=title).join(room.id)
        room.begin()
        with pytest.raises(WrongState):
            room.configure({})
        with session.join(room.id) as again:
            with pytest.raises(NoRight):
                room.event("pause")
            again.leave()


def test_what_the_server_would_refuse_is_refused_before_it_is_asked() -> None:
    session = Session("http://localhost:1")
    with pytest.raises(ValueError, match="not a room: players: 0 is not 1 to"):
        session.create(ROOM | {"players": [0, 0]})
    with pytest.raises(ValueError, match="not a name"):
        session.create(ROOM, name="a,b")
    with pytest.raises(ValueError, match="not the id of a room"):
        session.join("a\nb")
    with pytest.raises(ValueError, match="URL"):
        Session("localhost")


def test_commands_that_the_server_would_refuse_end_the_game_before_they_are_posted(server: str, title: str) -> None:
    with Session(server, title=title).create(ROOM | {"players": [1, 1]}) as room:
        room.begin()
        for bad in ("a\nb", "x" * 5_000):
            with pytest.raises(ValueError, match="commands"):
                room.lockstep(step, START, commands=lambda *_, bad=bad: bad).run()


def test_packets_can_be_received_without_a_step_function(server: str, title: str) -> None:
    session = Session(server, title=title, timing=QUICK)
    with session.create(ROOM | {"players": [1, 1], "viewers": True}) as room:
        with session.watch(room.id) as watching:
            play(room, turns=2)

            packets = [item for item in watching.receive() if isinstance(item, Packet)]
        assert [packet.commands for packet in packets[:2]] == [("p0g1",), ("p0g2",)]


def test_every_request_and_reply_can_be_observed(server: str, title: str) -> None:
    seen: list[tuple[bytes, bytes]] = []
    with Session(server, title=title, observe=lambda *pair: seen.append(pair)).create(ROOM):
        pass

    assert [line[:3] for line, _ in seen] == [b"62,", b"20,", b"28,"]
