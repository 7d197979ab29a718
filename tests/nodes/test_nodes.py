"""Any node, any time: nothing that was acknowledged is lost, doubled or reordered, whatever dies.

`TROUBLES` says how many troubles come, `TROUBLE_SEED` repeats the choices of an earlier run.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path
from random import Random

import pytest

from tests.kill.ledger import Ledger
from tests.nodes.cluster import Nodes, Trouble, troubled
from tests.nodes.proxy import Proxy
from tests.redis_server import RedisServer

TROUBLES = int(os.environ.get("TROUBLES", "6"))
SEED = int(os.environ.get("TROUBLE_SEED") or secrets.randbits(32))

AWAY_S = 0.5


def troubles(redis: RedisServer, proxy: Proxy, random: Random) -> list[Trouble]:
    """One of each kind, in any order, and again."""

    async def kill_a_node(nodes: Nodes) -> None:
        await nodes.kill(random.randrange(len(nodes.nodes)))

    async def cut_all_connections(_nodes: Nodes) -> None:
        proxy.cut()

    async def lose_redis_for_a_while(_nodes: Nodes) -> None:
        await proxy.away(AWAY_S)

    async def let_redis_end_all_connections(_nodes: Nodes) -> None:
        with redis.client() as client:
            client.client_kill_filter(_type="normal", skipme=True)

    async def let_redis_end_all_subscriptions(_nodes: Nodes) -> None:
        with redis.client() as client:
            client.client_kill_filter(_type="pubsub", skipme=True)

    async def kill_redis(_nodes: Nodes) -> None:
        redis.kill()
        await asyncio.to_thread(redis.start)

    kinds = [
        kill_a_node,
        cut_all_connections,
        lose_redis_for_a_while,
        let_redis_end_all_connections,
        let_redis_end_all_subscriptions,
        kill_redis,
    ]
    random.shuffle(kinds)
    return [kinds[number % len(kinds)] for number in range(TROUBLES)]


async def through_troubles(folder: Path, count: int, random: Random) -> Ledger:
    with RedisServer("--appendonly", "yes", "--appendfsync", "always") as redis:
        async with Proxy(redis.port) as proxy:
            coming = troubles(redis, proxy, random)
            return await troubled(folder, proxy.url, count=count, troubles=coming, random=random)


@pytest.mark.parametrize("count", [2, 3])
def test_nothing_acknowledged_is_lost_whatever_dies(
    tmp_path: Path, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = asyncio.run(through_troubles(tmp_path, count, Random(SEED)))

    with capsys.disabled():
        sys.stdout.write(f"\n{count} nodes, {TROUBLES} troubles (TROUBLE_SEED={SEED}); {ledger.summary()}\n")
    assert ledger.complaints() == []
    assert all(number >= TROUBLES for number in (ledger.registrations, len(ledger.places), len(ledger.ends)))
