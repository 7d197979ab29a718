"""Every message comes once and in order to who follows the cursor, whichever node is asked and whatever dies.

`TROUBLES` and `TROUBLE_SEED` are as in `test_nodes.py`.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.kill.load import Servers
from tests.kill.mail_load import MailLoad
from tests.kill.test_mail import END_S_MAX
from tests.nodes.cluster import Nodes
from tests.nodes.proxy import Proxy
from tests.nodes.test_nodes import SEED, TROUBLES, troubles
from tests.redis_server import RedisServer
from tests.site import server_key

NODES = 2


async def through_troubles(folder: Path, redis: RedisServer, proxy: Proxy, random: Random) -> MailLoad:
    key = await asyncio.to_thread(server_key, folder)
    with Servers(folder) as servers:
        nodes = Nodes(servers, proxy.url)
        await nodes.start(NODES)
        load = MailLoad(*nodes.ports, key=key, random=random)
        running = asyncio.create_task(load.run())
        for trouble in troubles(redis, proxy, random):
            await asyncio.sleep(random.uniform(0.05, 0.5))
            await trouble(nodes)
        load.end()
        with suppress(TimeoutError):  # the test compares, and says what is missing
            await asyncio.wait_for(running, END_S_MAX)
    return load


async def over_redis(folder: Path, random: Random) -> MailLoad:
    with RedisServer("--appendonly", "yes", "--appendfsync", "always") as redis:
        async with Proxy(redis.port) as proxy:
            return await through_troubles(folder, redis, proxy, random)


def test_every_message_comes_once_and_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load = asyncio.run(over_redis(tmp_path, Random(SEED)))

    count = sum(len(told) for reader in load.readers for told in reader.expected.values())
    with capsys.disabled():
        sys.stdout.write(f"\n{NODES} nodes, {TROUBLES} troubles (TROUBLE_SEED={SEED}); {count} messages\n")
    for reader in load.readers:
        assert reader.received == reader.expected
    assert count > TROUBLES
