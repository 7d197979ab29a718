"""One process's share of a run: its players as tasks, and a look at the server's own time beside them."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable

import msgspec

from stresstest.connection import Connection, NoReply, Target, target
from stresstest.network import Network
from stresstest.numbered import this_host
from stresstest.performer import Performer
from stresstest.plan import Plan, Share
from stresstest.record import Record, Slot, slot_s
from stresstest.scenarios import TABLE
from stresstest.scenarios.player import Player
from stresstest.scenarios.relay import DRAIN_S_MAX

PROGRESS_EVERY_S = 0.5
SAMPLE_EVERY_S = 0.25
"""How often the server is asked for its own time: often enough for a distribution, no load of its own."""

START_S_MAX = 2.0
"""Players begin spread over at most this long, or a tenth of the run: a crowd, but no single burst of connections."""

ANEW_AFTER_S = 1.0
"""How long a player pauses after a game that was given up."""

END_S_MAX = 2 * DRAIN_S_MAX
"""How long after the end of the run the last players may take; then they are cut off."""


class Unreachable(Exception):
    """Nothing answers where the server should be."""


class Progress(msgspec.Struct, frozen=True):
    """How far a run is."""

    elapsed_s: float = 0.0
    playing: int = 0
    requests: int = 0
    delivered: int = 0
    errors: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            max(self.elapsed_s, other.elapsed_s),
            self.playing + other.playing,
            self.requests + other.requests,
            self.delivered + other.delivered,
            self.errors + other.errors,
        )


OnProgress = Callable[[Progress], Awaitable[None]]


async def check_reachable(url: str, timeout_s: float) -> None:
    """Raise Unreachable, with a sentence, if no connection to the server can be made."""
    connection = Connection(target(url), timeout_s)
    try:
        await connection.open()
    except NoReply as why:
        raise Unreachable(f"{url} cannot be reached: {why}") from None
    finally:
        connection.close()


async def run(plan: Plan, share: Share, on_progress: OnProgress) -> Record:
    """Play a share of a plan's players, from the first request to the last.

    Args:
        plan: What to do.
        share: Which players are this process's.
        on_progress: Told every `PROGRESS_EVERY_S`.

    Returns:
        All that was seen.
    """
    return await _Run(plan, share).run(on_progress)


class _Run:
    def __init__(self, plan: Plan, share: Share) -> None:
        self._plan = plan
        self._share = share
        self._server: Target = target(plan.server)
        self._record = Record(slot_s=slot_s(plan.seconds), players=share.players)
        self._began_s = time.monotonic()
        self._ends_s = self._began_s + plan.seconds
        self._playing = 0

    async def run(self, on_progress: OnProgress) -> Record:
        began_cpu_s = time.process_time()
        beside = [asyncio.create_task(self._tell(on_progress))]
        if self._share.is_sampling:
            beside.append(asyncio.create_task(self._sample()))
        players = [asyncio.create_task(self._player(index)) for index in range(self._share.players)]
        try:
            await self._finished(players)
        finally:
            await _cancelled(*beside, *players)
        self._record.wall_s = time.monotonic() - self._began_s
        self._record.cpu_share_max = (time.process_time() - began_cpu_s) / self._record.wall_s
        await on_progress(self._progress())
        return self._record

    async def _finished(self, players: list[asyncio.Task[None]]) -> None:
        """Wait until all players are through; those who never are will be cut off."""
        done, late = await asyncio.wait(
            players, timeout=self._plan.seconds + END_S_MAX, return_when=asyncio.FIRST_EXCEPTION
        )
        for task in done:
            task.result()
        for _ in late:
            self._record.reason("cut off: not finished long after the end of the run")

    async def _player(self, index: int) -> None:
        plan = self._plan
        number = self._share.first + index
        chance = random.Random(f"{plan.seed}/{number}")  # noqa: S311  # no secret depends on it
        network = Network(
            drop=plan.drop, duplicate=plan.duplicate, delay_ms=plan.delay, seed=f"{plan.seed}/{number}/network"
        )
        performer = Performer(self._server, plan.timeout, network, self._record, began_s=self._began_s)
        player = self._described(number, chance, performer)
        await asyncio.sleep(chance.uniform(0, min(START_S_MAX, plan.seconds / 10)))
        self._playing += 1
        try:
            while not self._is_over():
                broken = self._record.games_broken
                await performer.perform(TABLE[plan.scenario].game(player))
                if self._record.games_broken != broken and not self._is_over():
                    await asyncio.sleep(ANEW_AFTER_S)
        finally:
            self._playing -= 1
            await performer.close()

    def _described(self, number: int, chance: random.Random, performer: Performer) -> Player:
        plan = self._plan
        return Player(
            run=self._share.run,
            number=number,
            seats=plan.seats,
            host=this_host(),
            rate=plan.rate,
            game_s=plan.game_seconds * chance.uniform(0.75, 1.25),
            size_bytes=plan.size,
            is_exact=plan.counters == "exact",
            clock=time.monotonic,
            is_over=self._is_over,
            chance=chance,
            ledger=performer,
            server_key=plan.server_key,
        )

    def _is_over(self) -> bool:
        return time.monotonic() >= self._ends_s

    async def _sample(self) -> None:
        """Ask the server, now and then, how long its latest POST took."""
        connection = Connection(self._server, self._plan.timeout)
        try:
            while True:
                await asyncio.sleep(SAMPLE_EVERY_S)
                with contextlib.suppress(NoReply, ValueError):
                    seconds = float((await connection.get()).body)
                    if 0 <= seconds < self._plan.timeout:
                        self._slot_now().server.add(round(seconds * 1e6))
        finally:
            connection.close()

    async def _tell(self, on_progress: OnProgress) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY_S)
            self._slot_now().playing = self._playing
            await on_progress(self._progress())

    def _slot_now(self) -> Slot:
        return self._record.slot(time.monotonic() - self._began_s)

    def _progress(self) -> Progress:
        slots = self._record.slots
        return Progress(
            elapsed_s=time.monotonic() - self._began_s,
            playing=self._playing,
            requests=sum(histogram.count for slot in slots for histogram in slot.requests.values()),
            delivered=sum(slot.delivered for slot in slots),
            errors=sum(slot.errors for slot in slots),
        )


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
