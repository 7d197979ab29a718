"""Requests overtake each other between any two looks at a store that is far away: nobody is paired twice.

The store is real; each look at it takes a while of its own, as over a network. All chance comes from one seed.
"""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text_server import TextServer, in_no_time
from turnserver.partition import Batch, View
from turnserver.store.memory import MemoryStore

NODES = 3
PLAYERS = 6
COPIES = 2
"""How many connections each player asks over: one may have been lost without the server's knowledge."""

ROUNDS_MAX = 200
"""Who asks as often as that waits for ever."""

OPENS_ITS_STORES = True


class DistantStore(MemoryStore):
    """A memory store that is a journey away.

    Args:
        chance: Says how long each way takes.
    """

    is_immediate = False

    def __init__(self, chance: random.Random) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(lambda: round(1000 * loop.time()))
        self._chance = chance

    async def _journey(self) -> None:
        await asyncio.sleep(self._chance.choice([0, 0.001, 0.01, 0.1]))

    async def read(self, name: str) -> View:
        """See `Store.read`."""
        await self._journey()
        view = await super().read(name)
        await self._journey()
        return view

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        await self._journey()
        is_done = await super().commit(name, batch)
        await self._journey()
        return is_done


async def partner(nodes: list[TextServer], name: str, wanted: str, chance: random.Random) -> str:
    """Whom a player is told of by all nodes alike."""
    key = (await chance.choice(nodes).answer(f"0,{name},*,{wanted},*")).removeprefix("0/0/")
    for _ in range(ROUNDS_MAX):
        copies = (chance.choice(nodes).answer(f"2,*,{key},*,*", wait_s=chance.choice([0, 1])) for _ in range(COPIES))
        if "0/2/*" not in (replies := set(await asyncio.gather(*copies))):
            (reply,) = replies
            return reply.split("/", 2)[2]
    raise AssertionError(f"{name} waits for ever")


@pytest.mark.parametrize("by_name", [False, True], ids=["at random", "by name"])
@settings(max_examples=60)
@given(seed=st.integers(0, 2**64))
def test_all_are_paired_and_none_twice(by_name: bool, seed: int) -> None:  # noqa: FBT001  # a case
    async def scenario(_server: TextServer) -> None:
        chance = random.Random(seed)
        store = DistantStore(chance)
        nodes = [TextServer(store=store) for _ in range(NODES)]
        names = [f"player-{number}" for number in range(PLAYERS)]
        wanted = [name for at in range(0, PLAYERS, 2) for name in (names[at + 1], names[at])]
        asking = [
            partner(nodes, name, other if by_name else "*", chance) for name, other in zip(names, wanted, strict=True)
        ]

        partners = dict(zip(names, await asyncio.gather(*asking), strict=True))

        assert {name: partners.get(other) for name, other in partners.items()} == {name: name for name in names}

    in_no_time(scenario)
