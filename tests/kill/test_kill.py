"""Nothing that was acknowledged is lost when the server is killed, at any moment, under load.

`make test-kill` kills 50 times; as a part of `make test` it is 5. The environment says otherwise: `KILLS` is how often,
`KILL_SEED` repeats the choices of an earlier run (but not the timing of the machine).
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path
from random import Random

import pytest

from tests.kill.ledger import Ledger
from tests.kill.load import Load, Servers
from tests.server_process import ServerProcess

KILLS = int(os.environ.get("KILLS", "5"))
SEED = int(os.environ.get("KILL_SEED") or secrets.randbits(32))

OPTIONS = ("--config", "load.toml")
CONFIG = """
buffer_bytes_max = 400        # small: buffers fill up and are emptied again
registration_silence_s = 600  # the machine may be busy: nobody is silent here
registration_silence_long_s = 600
loading_silence_s = 600
play_silence_s = 600
"""


async def kill_again_and_again(server: ServerProcess, servers: Servers, load: Load, random: Random) -> None:
    """Kill the server at random moments and start it again on the same file and port, at times as one that syncs."""
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.05, 1.0))
        server.kill()
        durability = random.choice(("process", "process", "process", "power"))
        server = await servers.start(*OPTIONS, "--durability", durability, port=server.port)
        await load.look_again()


async def killed_under_load(folder: Path, random: Random) -> Ledger:
    ledger = Ledger()
    with Servers(folder) as servers:
        server = await servers.start(*OPTIONS)
        load = Load(server.port, ledger=ledger, random=random)
        async with asyncio.TaskGroup() as both:
            both.create_task(load.run())
            await kill_again_and_again(server, servers, load, random)
            load.end()
    return ledger


@pytest.mark.kill
def test_nothing_acknowledged_is_lost_by_killing_the_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "load.toml").write_text(CONFIG)

    ledger = asyncio.run(killed_under_load(tmp_path, Random(SEED)))

    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills (KILL_SEED={SEED}); {ledger.summary()}\n")
    assert ledger.complaints() == []
    assert all(count >= KILLS for count in (ledger.registrations, len(ledger.places), len(ledger.ends)))
