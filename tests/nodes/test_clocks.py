"""Clocks of nodes may differ: who is silent goes by the clock of the store, whichever node is asked."""

import asyncio
import time
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from tests.kill.caller import Caller
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess
from turnserver.wire.chat import parse_chat_item

AHEAD_S = (-40, 0, 40)
"""More than every time-out here."""

SILENCE_S = 2.0
PAUSE_S = 0.2
CONFIG = "".join(f"{name}_silence_s = {SILENCE_S}\n" for name in ("registration", "loading", "play"))


class Around:
    """Asks one node after the other, on and on."""

    def __init__(self, ports: list[int]) -> None:
        self.callers = [Caller(port) for port in ports]
        self._turns = cycle(self.callers)

    async def ask(self, line: str) -> str:
        """The reply of the next node."""
        return await next(self._turns).ask(line)

    async def everywhere(self, line: str) -> list[str]:
        """The reply of each node."""
        return [await caller.ask(line) for caller in self.callers]


async def game(around: Around) -> tuple[str, str]:
    """Two at the beginning of their game: key and seat of each."""
    keys = [(await around.ask(f"0,{name},*,*,*")).removeprefix("0/0/") for name in ("ann", "bob")]
    for symbol in "22344":
        replies = [await around.ask(f"{symbol},*,{key},*,*") for key in keys]
    ann, bob = (reply.removeprefix("0/8/").replace("|", ",") for reply in replies)
    return ann, bob


async def played(around: Around) -> dict[str, object]:
    ann, bob = await game(around)
    silent = (await around.ask("0,cleo,*,nobody,*")).removeprefix("0/0/")
    lively = (await around.ask("0,dora,*,nobody,*")).removeprefix("0/0/")
    heard = set()
    for number in range(round(1.5 * SILENCE_S / PAUSE_S)):
        heard.add(await around.ask(f"6,,{ann},{number}"))
        heard.add(await around.ask(f"6,,{bob},{number}"))
        heard.add(await around.ask(f"2,*,{lively},*,*"))
        await asyncio.sleep(PAUSE_S)
    told = {"lively": heard, "silent": await around.everywhere(f"2,*,{silent},*,*")}
    async with asyncio.timeout(20):
        while await around.ask(f"6,,{ann},{number}") != "15/*/*":  # noqa: ASYNC110  # a server is asked
            await asyncio.sleep(PAUSE_S)
    return {**told, "alone": await around.everywhere(f"6,,{ann},{number}")}


async def time_of_day_ms(caller: Caller) -> int:
    """What a node's clock shows, as a line of chat tells it."""
    token = (await caller.ask("62,*,*,*,*")).removeprefix("0/62/").partition("|")[0]
    _, said = (await caller.ask(f"40,hello,{token},lobby,*")).rsplit("|", 1)
    return parse_chat_item(said).unix_ms


async def with_wrong_clocks(folder: Path) -> dict[str, object]:
    (folder / "silence.toml").write_text(CONFIG)
    with RedisServer() as redis, ExitStack() as nodes:
        options = ("--config", "silence.toml", "--live", redis.url)
        running = [nodes.enter_context(ServerProcess(folder, *options, ahead_s=ahead_s)) for ahead_s in AHEAD_S]
        around = Around([node.port for node in running])
        ahead_s = [round((await time_of_day_ms(caller) / 1000 - time.time()) / 40) * 40 for caller in around.callers]
        assert ahead_s == list(AHEAD_S)
        told = await played(around)
        for caller in around.callers:
            await caller.close()
    return told


def test_silence_is_the_same_whichever_clock_a_node_has(tmp_path: Path) -> None:
    told = asyncio.run(with_wrong_clocks(tmp_path))

    assert told == {"lively": {"0/10/*", "0/2/*"}, "silent": ["5/*/*"] * 3, "alone": ["15/*/*"] * 3}
