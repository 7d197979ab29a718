"""Games, chats, mail and accounts move from an embedded server to many nodes and back, in the middle of everything."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.kill.room_player import RoomPlayer, begin, guest, packets, say
from tests.moving.two_players import Player, met
from tests.redis_cluster import RedisCluster
from tests.server_process import ServerProcess
from tests.store.engines import shared_redis

PASSWORD = "correct horse"


def turnserver(folder: Path, *words: str) -> str:
    """What a command says."""
    command = [sys.executable, "-m", "turnserver", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


class World(NamedTuple):
    """Everybody, in the middle of everything."""

    ann: Player
    bob: Player
    room: list[RoomPlayer]
    guest: str
    account: str
    server_key: str

    @classmethod
    def begun(cls, port: int, server_key: str) -> "World":
        ann, bob = met(port)
        account = say(port, f"60,carl;{PASSWORD},*,*,*").removeprefix("0/60/").partition("|")[0]
        return cls(ann, bob, begin(port, 3), guest(port), account, server_key)

    def play(self, ports: tuple[int, ...], part: int) -> None:
        """Eight messages of the match, two turns of the room, a line and a letter; each at the next server."""
        one, other = ports[0], ports[-1]
        for number in range(4 * part, 4 * part + 4):
            self.ann.tell(one, f"a{number}")
            self.bob.tell(other, f"b{number}")
        for generation in (3 * part + 1, 3 * part + 2):
            for index, player in enumerate(self.room):
                player.port = ports[index % len(ports)]
                assert player.turn(generation).startswith("0/")
            for player in self.room:
                player.catch_up()
        assert say(one, f"40,line {part},{self.account},lobby,*").startswith("0/41/")
        assert say(other, f'51,srv_msg;{{"n":{part}}},{self.server_key},carl,{part}').startswith("0/51/")

    def leave_in_the_middle(self, port: int, part: int) -> None:
        """Ann's update is taken, and its reply lost; one seat is a turn ahead."""
        assert self.ann.repeat(port, "lost") == f"0/9/b{4 * part + 3}"
        assert self.room[0].turn(3 * part + 3, "early") == "0/10/*"

    def go_on(self, port: int, part: int) -> None:
        """What nobody knew of counts once."""
        for player in self.room:
            player.port = port
        assert self.ann.tell(port, "lost") == f"0/11/b{4 * part + 3}"
        self.bob.tell(port)
        assert self.room[0].turn(3 * part + 3, "early") == "0/10/*"
        for player in self.room[1:]:
            player.turn(3 * part + 3)
        for player in self.room:
            player.catch_up()

    def settle_up(self, port: int) -> None:
        """Everybody has everything, once and in order."""
        for player in (self.ann, self.bob):
            player.tell(port)
        assert self.bob.heard == [*(f"a{n}" for n in range(4)), "lost", *(f"a{n}" for n in range(4, 8)), "lost", "bye"]
        assert self.ann.heard == [*(f"b{n}" for n in range(4)), *(f"b{n}" for n in range(4, 8)), "bye"]
        told = [packets(player) for player in self.room]
        assert told[0] == told[1] == told[2]
        assert len(told[0]) == 6
        assert say(port, f"41,*,{self.account},lobby,*").count("line") == 2
        assert say(port, f"50,*,{self.account},*,*").count("srv_msg") == 2
        assert say(port, f"61,carl;{PASSWORD},*,*,*").startswith("0/61/")
        assert say(port, f"29,*,{self.guest},*,*").startswith("0/29/")


def move_there_and_back(folder: Path, live: str, database: str) -> None:
    server_key = turnserver(folder, "key", "add", "referee").strip()
    with ServerProcess(folder) as server:
        world = World.begun(server.port, server_key)
        world.play((server.port,), 0)
        world.leave_in_the_middle(server.port, 0)
        assert server.stop() == 0

    exported = turnserver(folder, "export", "there.jsonl")
    nodes = ("--live", live, "--database", database)
    assert turnserver(folder, "import", "there.jsonl", *nodes) == exported.replace("exported", "imported").replace(
        " to ", " from "
    )
    with ServerProcess(folder, *nodes) as one, ServerProcess(folder, *nodes) as other:
        world.go_on(other.port, 0)
        world.play((one.port, other.port), 1)
        world.leave_in_the_middle(one.port, 1)
        assert (one.stop(), other.stop()) == (0, 0)

    turnserver(folder, "export", "back.jsonl", *nodes)
    back = ("--database", "sqlite:///back.db")
    turnserver(folder, "import", "back.jsonl", *back)
    with ServerProcess(folder, *back) as server:
        world.go_on(server.port, 1)
        for player in (world.ann, world.bob):
            player.tell(server.port, "bye")
        world.settle_up(server.port)


def test_everything_moves_to_nodes_over_redis_and_postgresql_and_back(tmp_path: Path, postgresql_url: str) -> None:
    shared_redis().empty()

    move_there_and_back(tmp_path, shared_redis().url, postgresql_url)


def test_everything_moves_to_a_cluster_and_back(tmp_path: Path) -> None:
    with RedisCluster(3) as cluster:
        move_there_and_back(tmp_path, cluster.url, "sqlite:///nodes.db")
