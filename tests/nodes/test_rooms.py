"""A room is the same at every node: all members get the same packets, with each command once, whatever dies.

`TROUBLES` and `TROUBLE_SEED` are as in `test_nodes.py`.
"""

import asyncio
import sys
from pathlib import Path
from random import Random

import pytest

from tests.kill.caller import Caller
from tests.kill.load import Servers
from tests.kill.room_player import RoomPlayer, begin, packets
from tests.nodes.cluster import Nodes
from tests.nodes.proxy import Proxy
from tests.nodes.test_nodes import SEED, TROUBLES, troubles
from tests.redis_server import RedisServer

NODES = 2
MEMBERS = 3
END_S_MAX = 60


class Member:
    """Somebody in the room, who asks any node each time.

    Args:
        player: Has joined and is ready.
        caller: The way to the nodes.
    """

    def __init__(self, player: RoomPlayer, caller: Caller) -> None:
        self.player = player
        self.caller = caller
        self.posted = 0
        """The latest generation that was posted."""

    async def play(self, last: "asyncio.Future[int]") -> None:
        """Post a turn for each generation up to the last, once that is known, and read until all are there."""
        while not last.done() or len(self.player.packets) < last.result():
            if last.done() and self.posted >= last.result():
                await self.ask(f"26,*,{self.player.key},{self.player.seat},{self.player.cursor}", wait_s=1)
            else:
                await self.post(self.posted + 1)

    async def post(self, generation: int) -> None:
        """Post a turn, as soon as it may be."""
        player = self.player
        told = f"p{player.seat}g{generation}"
        reply = await self.ask(f"25,{generation};;;;;{told},{player.key},{player.seat},{player.cursor}")
        if reply == "35/*/*":
            await self.ask(f"26,*,{player.key},{player.seat},{player.cursor}", wait_s=1)
        else:
            assert reply.startswith("0/"), reply
            self.posted = generation

    async def ask(self, line: str, *, wait_s: int = 0) -> str:
        """The reply of some node; the cursor follows it."""
        reply = await self.caller.ask(line, wait_s=wait_s)
        self.player.heard(reply)
        return reply


async def through_troubles(folder: Path, redis: RedisServer, proxy: Proxy, random: Random) -> list[Member]:
    with Servers(folder) as servers:
        nodes = Nodes(servers, proxy.url)
        await nodes.start(NODES)
        players = await asyncio.to_thread(begin, nodes.ports[0], MEMBERS)
        members = [Member(player, Caller(*nodes.ports, random=random)) for player in players]
        last: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as playing:
            for member in members:
                playing.create_task(member.play(last))
            for trouble in troubles(redis, proxy, random):
                await asyncio.sleep(random.uniform(0.05, 0.5))
                await trouble(nodes)
            last.set_result(1 + max(member.posted for member in members))
            playing.create_task(ends_soon(members, last))
        for member in members:
            await member.caller.close()
    return members


async def ends_soon(members: list[Member], last: "asyncio.Future[int]") -> None:
    """Fail if somebody waits for ever."""
    async with asyncio.timeout(END_S_MAX):
        while any(len(member.player.packets) < last.result() for member in members):  # noqa: ASYNC110  # others count
            await asyncio.sleep(0.05)


async def over_redis(folder: Path, random: Random) -> list[Member]:
    with RedisServer("--appendonly", "yes", "--appendfsync", "always") as redis:
        async with Proxy(redis.port) as proxy:
            return await through_troubles(folder, redis, proxy, random)


def test_all_members_get_the_same_packets_with_each_command_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    members = asyncio.run(over_redis(tmp_path, Random(SEED)))

    first, *others = (packets(member.player) for member in members)
    with capsys.disabled():
        sys.stdout.write(f"\n{NODES} nodes, {TROUBLES} troubles (TROUBLE_SEED={SEED}); {len(first)} packets\n")
    assert others == [first] * (MEMBERS - 1)
    assert first == [tuple(f"p{seat}g{number}" for seat in range(MEMBERS)) for number in range(1, 1 + len(first))]
    assert len(first) > TROUBLES
