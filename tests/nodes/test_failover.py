"""The primary dies under load, and a replica takes its place: with `--ack-replicas` nothing acknowledged is lost.

`make test-failover` lets it die 20 times for each setting; as a part of `make test` it is 2. Every second time the
replicas have got nothing more for a while: without `--ack-replicas` that is lost, which the last test shows.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path
from random import Random

import pytest

from tests.kill.caller import Caller
from tests.kill.ledger import Ledger
from tests.kill.load import Servers
from tests.nodes.cluster import Nodes, Trouble, troubled
from tests.nodes.proxy import Proxy
from tests.nodes.replicas import Replicated

FAILOVERS = int(os.environ.get("FAILOVERS", "2"))
SEED = int(os.environ.get("FAILOVER_SEED") or secrets.randbits(32))

LAG_S = 0.3
"""How long replicas get nothing before the primary dies."""

PLAYERS = 20


async def through_failovers(folder: Path, replicas: int, random: Random) -> Ledger:
    with Replicated() as redis:
        async with Proxy(redis.primary.port) as proxy:

            async def fail_over(_nodes: Nodes) -> None:
                await redis.fail_over(proxy)

            async def fail_over_to_one_that_lags(_nodes: Nodes) -> None:
                await asyncio.to_thread(redis.cut_replicas_off)
                await asyncio.sleep(LAG_S)
                await redis.fail_over(proxy)

            troubles: list[Trouble] = [(fail_over, fail_over_to_one_that_lags)[at % 2] for at in range(FAILOVERS)]
            options = ("--ack-replicas", str(replicas))
            return await troubled(folder, proxy.url, *options, count=2, troubles=troubles, random=random)


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


async def forgotten(folder: Path, replicas: int) -> int:
    """How many of those who registered while the replicas lagged, and were told so, are not known after a failover."""
    with Replicated() as redis, Servers(folder) as servers:
        async with Proxy(redis.primary.port) as proxy:
            node = await servers.start("--live", proxy.url, "--ack-replicas", str(replicas))
            caller = Caller(node.port)
            await caller.ask("0,first,*,nobody,*")
            await asyncio.to_thread(redis.cut_replicas_off)
            registering = asyncio.create_task(registered(caller))
            await asyncio.wait({registering}, timeout=2 * LAG_S)
            assert registering.done() == (replicas == 0)
            await redis.fail_over(proxy)
            replies = [await caller.ask(f"2,*,{key},*,*") for key in await registering]
            await caller.close()
    assert set(replies) <= {"0/2/*", "5/*/*"}
    return replies.count("5/*/*")


async def registered(caller: Caller) -> list[str]:
    replies = [await caller.ask(f"0,player-{number},*,nobody,*") for number in range(PLAYERS)]
    return [reply.removeprefix("0/0/") for reply in replies]


@pytest.mark.parametrize(("replicas", "lost"), [(0, PLAYERS), (1, 0)])
def test_what_no_replica_has_is_lost_unless_the_reply_waits_for_one(tmp_path: Path, replicas: int, lost: int) -> None:
    assert asyncio.run(forgotten(tmp_path, replicas)) == lost
