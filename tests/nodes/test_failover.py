"""The primary dies under load, and a replica takes its place: with `--ack-replicas` nothing acknowledged is lost.

`make test-failover` lets it die 20 times for each setting; as a part of `make test` it is 2.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path
from random import Random

import pytest

from tests.kill.ledger import Ledger
from tests.nodes.cluster import Nodes, troubled
from tests.nodes.proxy import Proxy
from tests.nodes.replicas import Replicated

FAILOVERS = int(os.environ.get("FAILOVERS", "2"))
SEED = int(os.environ.get("FAILOVER_SEED") or secrets.randbits(32))


async def through_failovers(folder: Path, replicas: int, random: Random) -> Ledger:
    with Replicated() as redis:
        async with Proxy(redis.primary.port) as proxy:

            async def fail_over(_nodes: Nodes) -> None:
                await redis.fail_over(proxy)

            options = ("--ack-replicas", str(replicas))
            return await troubled(folder, proxy.url, *options, count=2, troubles=[fail_over] * FAILOVERS, random=random)


@pytest.mark.parametrize("replicas", [1, 2])
def test_nothing_acknowledged_is_lost_when_a_replica_takes_over(
    tmp_path: Path, replicas: int, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = asyncio.run(through_failovers(tmp_path, replicas, Random(SEED)))

    with capsys.disabled():
        sys.stdout.write(
            f"\n{FAILOVERS} failovers, --ack-replicas {replicas} (FAILOVER_SEED={SEED}); {ledger.summary()}\n"
        )
    assert ledger.complaints() == []
    assert all(number >= FAILOVERS for number in (ledger.registrations, len(ledger.places), len(ledger.ends)))
