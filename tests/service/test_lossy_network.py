"""Two clients over a network that loses, delays and repeats, with requests that wait: a whole match from one seed."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text_server import Seated, TextServer, in_no_time
from turnserver.protocol.limits import Limits

PATIENCE_S = 3
MESSAGES = 12

OPENS_ITS_STORES = True


@dataclass
class Player:
    """One player, who sends numbered messages and reads until it has all of its partner's."""

    seat: Seated
    chance: random.Random
    is_exact: bool
    read: list[str] = field(default_factory=list)
    copies: list["asyncio.Task[str]"] = field(default_factory=list)

    async def play(self) -> None:
        """Send all, read all."""
        counter = sent = 0
        while sent < MESSAGES or len(self.read) < MESSAGES:
            data = f"{sent}" if sent < MESSAGES and self.chance.random() < 0.7 else ""
            self.hear(await self.ask(data, counter))
            counter += 1
            sent += data != ""

    async def ask(self, data: str, counter: int) -> str:
        """Repeat a request until its reply is read."""
        line = self.seat.line(data, f"{counter}.{len(self.read)}" if self.is_exact else counter)
        while True:
            copy = asyncio.create_task(self.travel(line))
            self.copies.append(copy)
            arrived, _ = await asyncio.wait({copy}, timeout=PATIENCE_S)
            if arrived and self.chance.random() < 0.7:
                return copy.result()
            if not self.is_exact:
                copy.cancel()  # what the plain form asks for: the old connection is closed before the repeat

    async def travel(self, line: str) -> str:
        """One copy of a request on its way; it may arrive long after the client has given it up, or never."""
        await asyncio.sleep(self.chance.choice([0, 0.1, 1, 4, 10, 100_000]))
        return await self.seat.at_server.answer(line, wait_s=self.chance.choice([0, 1, 5]))

    def hear(self, reply: str) -> None:
        """Read a reply."""
        assert reply.startswith(("0/9/", "0/10/*", "0/11/")), reply
        if reply != "0/10/*":
            self.read += reply.split("/", 2)[2].split("|")


@pytest.mark.parametrize("is_exact", [True, False], ids=["n.r", "n"])
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**64))
def test_every_message_arrives_once_and_in_order_both_ways(is_exact: bool, seed: int) -> None:  # noqa: FBT001  # a case
    async def scenario(server: TextServer) -> None:
        chance = random.Random(seed)
        players = [Player(seat, chance, is_exact) for seat in server.game()]
        await asyncio.wait_for(asyncio.gather(*(player.play() for player in players)), 10_000)

        assert [player.read for player in players] == [[f"{number}" for number in range(MESSAGES)]] * 2
        for copy in (copy for player in players for copy in player.copies):
            copy.cancel()

    in_no_time(scenario, Limits(play_silence_s=1_000_000))
