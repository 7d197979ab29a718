"""A room goes on when its server is killed in mid-game: with the same keys, and with turns that were taken ahead."""

from pathlib import Path

import pytest

from tests.kill.room_player import RoomPlayer, begin, packets
from tests.server_process import ServerProcess

KILLS = 3


@pytest.mark.parametrize("durability", ["process", "power"])
def test_a_killed_room_goes_on_where_each_member_last_heard_of_it(tmp_path: Path, durability: str) -> None:
    server = ServerProcess(tmp_path, "--durability", durability)
    port = server.port
    try:
        players = begin(port, 3)
        for kill in range(KILLS):
            play(players, first=1 + 4 * kill)
            server.kill()
            server = ServerProcess(tmp_path, "--durability", durability, port=port)
            finish(players, first=1 + 4 * kill)
        told = [packets(player) for player in players]
    finally:
        server.kill()

    assert told[0] == told[1] == told[2]
    assert told[0] == [tuple(f"p{seat}g{number}" for seat in range(3)) for number in range(1, 1 + 4 * KILLS)]


def play(players: list[RoomPlayer], *, first: int) -> None:
    """Two whole turns, then two ahead of one seat, and one of another."""
    for generation in (first, first + 1):
        for player in players:
            assert player.turn(generation).startswith("0/")
    players[0].catch_up()
    assert players[0].turn(first + 2) == "0/10/*"
    assert players[0].turn(first + 3) == "0/10/*"
    assert players[1].turn(first + 2).startswith("0/")


def finish(players: list[RoomPlayer], *, first: int) -> None:
    """What was taken before the kill counts; what is repeated counts once."""
    players[0].catch_up()
    assert players[0].turn(first + 3) == "0/10/*"
    assert players[0].turn(first + 3, "other") == "34/*/*"
    assert players[2].turn(first + 2).startswith("0/26/")
    for player in players[1:]:
        assert player.turn(first + 3).startswith("0/")
    for player in players:
        player.catch_up()


def test_an_unfinished_set_up_and_sessions_survive_too(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    port = server.port
    try:
        ann = RoomPlayer.created(port, '{"engine":"e","seed":"7","players":[1,2],"config":{"a":1}}')
        ann.say(f"23,{{}},{ann.key},0,{ann.cursor}")
        ann.say(f'23,{{"b":2}},{ann.key},0,{ann.cursor}')
        server.kill()
        server = ServerProcess(tmp_path, port=port)
        again = RoomPlayer.joined(port, ann.token, ann.room)
    finally:
        server.kill()

    assert again.seat == "0"
    assert '"config":{"a":1,"b":2}' in again.header
