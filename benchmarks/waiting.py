"""Waiting polls: how much memory they take, and how soon a message to one of them arrives, from 10 to 10,000.

Each poll is that of a player in a match of its own, on a connection of its own. The messages come from their partners,
one after the other, to any of the polls by chance; what is measured is the time from when a partner begins to send to
when the one who waits has read the reply.
"""

import asyncio
import random
import resource
import time

from benchmarks import load, players, servers

WAIT = b"/?wait=25"
LEVELS = (10, 100, 1_000, 10_000)
DESCRIPTORS_SPARE = 500
"""File descriptors beside those of the connections."""

WANTED = "at most 150 MB, p99 below 50 ms"


class TooFewDescriptors(Exception):
    """The system allows a process fewer open connections than are asked for; the message says how many."""


def growth(*, polls: int, seconds: float) -> dict[str, object]:
    """Memory and delay with ever more polls that wait at the same server.

    Raises:
        TooFewDescriptors: So many connections may not be open.
    """
    _allow_descriptors(polls + DESCRIPTORS_SPARE)  # before the server starts: it inherits them
    shown: dict[str, object] = {}
    with servers.turnserver("--config", str(servers.PATIENT)) as server, load.runner() as runner:
        crowd = Crowd()
        for level in (*(level for level in LEVELS if level < polls), polls):
            runner.run(crowd.grow(server.port, level))
            delays_ms = sorted(runner.run(crowd.messages(seconds)))
            shown[f"{level} polls"] = {
                "MB": round(server.memory_bytes() / 1e6, 1),
                "messages": len(delays_ms),
                "p50, ms": round(delays_ms[len(delays_ms) // 2], 2),
                "p99, ms": round(delays_ms[len(delays_ms) * 99 // 100], 2),
            }
        runner.run(crowd.go())
    return {**shown, f"wanted with {LEVELS[-1]}": WANTED}


def _allow_descriptors(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise TooFewDescriptors(f"a process may have {hard} open files here, {count} are needed: see `ulimit -Hn`")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


class Waiter:
    """A player who waits, and its partner who sends.

    Args:
        waiting: Who waits.
        sending: The other player of the match.
    """

    def __init__(self, waiting: players.Seat, sending: players.Seat) -> None:
        self._poll = players.updates(waiting, b"")
        self.message = players.updates(sending)
        self.arrived: asyncio.Future[float] | None = None

    def next_body(self, reply: bytes) -> bytes:
        """Note when a message has come; wait again."""
        if reply.startswith(b"0/9/") and self.arrived is not None:
            self.arrived.set_result(time.perf_counter())
            self.arrived = None
        return self._poll(reply)


class Crowd:
    """All who wait, and the connection over which the messages to them are sent."""

    def __init__(self) -> None:
        self._waiters: list[Waiter] = []
        self._connections: list[load.Connection] = []
        self._sender: load.Connection | None = None
        self._chance = random.Random(1)

    async def grow(self, port: int, count: int) -> None:
        """Let so many wait, and the server come to rest."""
        found = await asyncio.to_thread(lambda: list(players.matches(port, count - len(self._waiters))))
        for waiting, sending in found:
            waiter = Waiter(waiting, sending)
            connection = await load.connect(port, waiter.next_body, WAIT)
            connection.start()
            self._waiters.append(waiter)
            self._connections.append(connection)
        self._sender = self._sender or await load.connect(port, lambda _reply: b"")
        self._sender.is_stopped = True
        await asyncio.sleep(1)

    async def messages(self, seconds: float) -> list[float]:
        """Milliseconds that each message took, sent one after the other for some time."""
        assert self._sender is not None, "grow first"
        delays_ms: list[float] = []
        ends_s = time.perf_counter() + seconds
        while time.perf_counter() < ends_s:
            waiter = self._chance.choice(self._waiters)
            arrived = waiter.arrived = asyncio.get_running_loop().create_future()
            self._sender.idle.clear()
            began_s = time.perf_counter()
            self._sender.send(waiter.message(b""))
            async with asyncio.timeout(30):
                delays_ms.append(1000 * (await arrived - began_s))
                await self._sender.idle.wait()
        assert not sum(connection.bad for connection in (*self._connections, self._sender))
        return delays_ms

    async def go(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.is_stopped = True
            connection.transport.close()
