"""Real load: couples that play game after game, and registrations that wait for somebody who never comes."""

import asyncio
import contextlib
from contextlib import ExitStack
from pathlib import Path
from random import Random

from tests.kill.caller import Caller
from tests.kill.ledger import Ledger
from tests.kill.player import Plan, Player
from tests.server_process import ServerProcess

COUPLES = 6
IDLE = 5
END_S_MAX = 120
"""After the last trouble all games end within this time; who is then still there waits for something lost."""

ENDS_LOOKED_AT = 10
"""How many of the latest ends are asked again after each death."""


class Load:
    """All clients of one server, or of several that share their state.

    Args:
        ports: Where the servers listen; each request goes to any of them.
        ledger: What they were told goes there.
        random: Their choices.
    """

    def __init__(self, *ports: int, ledger: Ledger, random: Random) -> None:
        self._ports = ports
        self._ledger = ledger
        self._random = random
        self._is_ending = False
        self._deadline = asyncio.timeout(None)
        self._playing: set[str] = set()
        self._idle_keys: list[str] = []
        self._judge = Caller(*ports, random=random)
        self._judging = asyncio.Lock()
        self._callers: list[Caller] = [self._judge]

    async def run(self) -> None:
        """Play until told to end, and then to the end of the games that go on."""
        try:
            with contextlib.suppress(TimeoutError):
                async with self._deadline:
                    await self._register_idle()
                    async with asyncio.TaskGroup() as couples:
                        for number in range(COUPLES):
                            couples.create_task(self._couple(number))
            self._ledger.broken.extend(f"{name} waits for ever" for name in self._playing)
            await self.look_again()
        finally:
            for caller in self._callers:
                await caller.close()

    def end(self) -> None:
        """Begin no further game."""
        self._is_ending = True
        self._deadline.reschedule(asyncio.get_running_loop().time() + END_S_MAX)

    @property
    def refusals(self) -> int:
        """How many requests were refused because the server could not store."""
        return sum(caller.refusals for caller in self._callers)

    async def look_again(self) -> None:
        """Ask whether what was registered still is, and whether what has ended still has."""
        async with self._judging:
            await self._look_again()

    async def _look_again(self) -> None:
        for key in self._idle_keys:
            self._ledger.expect("a registration", await self._judge.ask(f"2,*,{key},*,*"), told="0/2/*")
        for line, told in list(self._ledger.ends.items())[-ENDS_LOOKED_AT:]:
            self._ledger.expect(line, await self._judge.ask(line), told=told)

    async def _register_idle(self) -> None:
        async with self._judging:
            for number in range(IDLE):
                reply = await self._judge.ask(f"0,idle-{number},*,nobody-{number},*")
                self._idle_keys.append(reply.removeprefix("0/0/"))
                self._ledger.registrations += 1

    async def _couple(self, number: int) -> None:
        """Two who play game after game: with each other, by name, or with anyone."""
        callers = [Caller(*self._ports, random=self._random) for _ in range(2)]
        self._callers += callers
        game = 0
        while not self._is_ending:
            names = [f"{who}-{number}-{game}" for who in ("ann", "bob")]
            is_by_name = self._random.random() < 0.5
            async with asyncio.TaskGroup() as both:
                for caller, name, partner in zip(callers, names, reversed(names), strict=True):
                    plan = self._plan(name, partner if is_by_name else None)
                    both.create_task(self._play(caller, plan))
            game += 1

    async def _play(self, caller: Caller, plan: Plan) -> None:
        self._playing.add(plan.name)
        await Player(caller, self._ledger, self._random, plan).live()
        self._playing.remove(plan.name)

    def _plan(self, name: str, partner: str | None) -> Plan:
        choose = self._random
        messages = choose.randint(1, 60)
        return Plan(
            name=name,
            partner=partner,
            messages=messages,
            is_exact=choose.random() < 0.7,
            quits_after=choose.randrange(messages) if choose.random() < 0.2 else None,
            unregisters=choose.random() < 0.3,
        )


class Servers(ExitStack):
    """One server after the other in one folder; none is left behind, however the test ends."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    async def start(self, *options: str, port: int = 0) -> ServerProcess:
        """Start a server while the clients go on trying."""
        starting = asyncio.ensure_future(asyncio.to_thread(ServerProcess, self.folder, *options, port=port))
        try:
            await asyncio.shield(starting)
        finally:
            server = self.enter_context(await starting)
        return server
