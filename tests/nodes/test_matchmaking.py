"""A thousand players arrive within a second, on three nodes: all are paired, each with one, and nobody is left over."""

import asyncio
from pathlib import Path
from random import Random

from tests.kill.caller import Caller
from tests.kill.load import Servers
from tests.nodes.cluster import Nodes
from tests.redis_server import RedisServer

PLAYERS = 1_000
NODES = 3
ARRIVAL_S = 1.0
WAIT_S = 20


async def paired(ports: tuple[int, ...], name: str, random: Random) -> str:
    """The partner that a player hears of; each of its requests goes to any node."""
    caller = Caller(*ports, random=random)
    try:
        await asyncio.sleep(random.uniform(0, ARRIVAL_S))
        key = (await caller.ask(f"0,{name},*,*,*")).removeprefix("0/0/")
        while (reply := await caller.ask(f"2,*,{key},*,*", wait_s=WAIT_S)) == "0/2/*":
            pass
        assert reply[:4] in ("0/3/", "0/4/"), reply
        return reply[4:]
    finally:
        await caller.close()


async def all_partners(folder: Path, random: Random) -> dict[str, str]:
    names = [f"player-{number}" for number in range(PLAYERS)]
    with RedisServer() as redis, Servers(folder) as servers:
        nodes = Nodes(servers, redis.url)
        await nodes.start(NODES)
        async with asyncio.TaskGroup() as players:
            asking = {name: players.create_task(paired(nodes.ports, name, random)) for name in names}
    return {name: task.result() for name, task in asking.items()}


def test_all_who_arrive_at_once_on_all_nodes_are_paired_and_none_twice(tmp_path: Path) -> None:
    partners = asyncio.run(all_partners(tmp_path, Random(1)))

    assert len(partners) == PLAYERS
    assert [name for name, partner in partners.items() if partners.get(partner) != name] == []
