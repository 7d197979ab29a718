"""Every message comes once and in order to a reader who follows the cursor, however often the server is killed.

`make test-kill` kills 50 times; as a part of `make test` it is 5.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.kill.load import Servers
from tests.kill.mail_load import MailLoad
from tests.kill.test_kill import KILLS, SEED
from tests.site import server_key

END_S_MAX = 60
"""After the last death everything arrives within this time; a load that waits longer waits for something lost."""


async def killed_under_load(folder: Path, random: Random) -> MailLoad:
    key = await asyncio.to_thread(server_key, folder)
    with Servers(folder) as servers:
        server = await servers.start()
        load = MailLoad(server.port, key=key, random=random)
        running = asyncio.create_task(load.run())
        for _ in range(KILLS):
            await asyncio.sleep(random.uniform(0.05, 1.0))
            server.kill()
            server = await servers.start(port=server.port)
        load.end()
        with suppress(TimeoutError):  # the test compares, and says what is missing
            await asyncio.wait_for(running, END_S_MAX)
    return load


@pytest.mark.kill
def test_every_message_comes_once_and_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load = asyncio.run(killed_under_load(tmp_path, Random(SEED)))

    count = sum(len(told) for reader in load.readers for told in reader.expected.values())
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills (KILL_SEED={SEED}); {count} messages\n")
    for reader in load.readers:
        assert reader.received == reader.expected
    assert count > 20 * KILLS
