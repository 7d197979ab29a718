"""Several servers over one Redis, under load, while nodes and connections die."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from tests.kill.ledger import Ledger
from tests.kill.load import Load, Servers
from tests.server_process import ServerProcess

OPTIONS = ("--config", "load.toml")
CONFIG = """
buffer_bytes_max = 400        # small: buffers fill up and are emptied again
registration_silence_s = 600  # the machine may be busy: nobody is silent here
registration_silence_long_s = 600
loading_silence_s = 600
play_silence_s = 600
"""


class Nodes:
    """Servers that share their state.

    Args:
        servers: Ends them.
        url: Where Redis is.
        options: Further options of each.
    """

    def __init__(self, servers: Servers, url: str, *options: str) -> None:
        self._servers = servers
        self._options = (*OPTIONS, "--live", url, *options)
        self.nodes: list[ServerProcess] = []

    async def start(self, count: int) -> None:
        """Start some."""
        (self._servers.folder / "load.toml").write_text(CONFIG)
        self.nodes += await asyncio.gather(*(self._servers.start(*self._options) for _ in range(count)))

    @property
    def ports(self) -> tuple[int, ...]:
        """Where they listen."""
        return tuple(node.port for node in self.nodes)

    async def kill(self, index: int) -> None:
        """Kill one, and start another in its place."""
        port = self.nodes[index].port
        self.nodes[index].kill()
        self.nodes[index] = await self._servers.start(*self._options, port=port)


Trouble = Callable[[Nodes], Awaitable[None]]


async def troubled(
    folder: Path, url: str, *options: str, count: int, troubles: list[Trouble], random: Random
) -> Ledger:
    """What clients were told by `count` servers, to which one trouble after the other comes."""
    ledger = Ledger()
    with Servers(folder) as servers:
        nodes = Nodes(servers, url, *options)
        await nodes.start(count)
        load = Load(*nodes.ports, ledger=ledger, random=random)
        async with asyncio.TaskGroup() as both:
            both.create_task(load.run())
            for trouble in troubles:
                await asyncio.sleep(random.uniform(0.05, 0.5))
                await trouble(nodes)
                await load.look_again()
            load.end()
    return ledger
