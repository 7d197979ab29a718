"""Nodes over a Redis Cluster under load: its primaries die one after the other, and nothing acknowledged is lost."""

import asyncio
import time
from pathlib import Path
from random import Random

from tests.kill.ledger import Ledger
from tests.nodes.cluster import Nodes, Trouble, troubled
from tests.redis_cluster import RedisCluster
from tests.redis_server import RedisServer

DEATHS = 2
TAKEOVER_S_MAX = 60


def replace(cluster: RedisCluster, primary: RedisServer) -> None:
    """Kill a primary, and start it again when its replica has taken its place: it keeps nothing on disk."""
    primary.kill()
    deadline_s = time.monotonic() + TAKEOVER_S_MAX
    for node in cluster.nodes:
        while node is not primary and primary.port in primaries(node):
            assert time.monotonic() < deadline_s, "no replica takes over"
            time.sleep(0.05)
    primary.start()


def primaries(node: RedisServer) -> set[int]:
    """The ports of those who have slots, as a node knows it."""
    return {where[1] for _first, _last, where, *_replicas in node.command("CLUSTER", "SLOTS")}


async def through_deaths(folder: Path, random: Random) -> Ledger:
    with RedisCluster(3, replicas=1) as cluster:
        dying = random.sample(cluster.primaries, DEATHS)

        def death(primary: RedisServer) -> Trouble:
            async def dies(_nodes: Nodes) -> None:
                await asyncio.to_thread(replace, cluster, primary)

            return dies

        troubles = [death(primary) for primary in dying]
        options = ("--ack-replicas", "1")
        return await troubled(folder, cluster.url, *options, count=2, troubles=troubles, random=random)


def test_nothing_acknowledged_is_lost_when_primaries_of_a_cluster_die(tmp_path: Path) -> None:
    ledger = asyncio.run(through_deaths(tmp_path, Random(1)))

    assert ledger.complaints() == []
    assert all(number >= DEATHS for number in (ledger.registrations, len(ledger.places), len(ledger.ends)))
