"""The slowest updates at half the highest rate: what a commit or a checkpoint that stalls does to players.

First the highest rate is found, 64 connections that never rest. Then the same connections send at half of it, each at
times that are set beforehand. What is measured is the time from when an update was due to when its reply was read: an
update that waits behind a stall counts, whether it was sent meanwhile or not.
"""

import asyncio
import statistics
import time

from benchmarks import host, load, players, servers
from benchmarks.relay import CONNECTIONS

WANTED_MS = 10


def at_half_rate(*, rounds: int, seconds: float) -> dict[str, object]:
    """Percentiles of updates at half the highest rate, the medians of the rounds."""
    found: list[list[float]] = []
    rates: list[float] = []
    with servers.turnserver() as server, load.runner() as runner:
        seats = [seat for pair in players.matches(server.port, CONNECTIONS // 2) for seat in pair]
        connections = [runner.run(_connect(server.port, seat)) for seat in seats]
        runner.run(load.run(list(connections), 0.5))  # warms up
        load.leave_garbage()
        stolen = host.Stolen()
        for _ in range(max(3, rounds // 3)):
            highest = runner.run(load.run(list(connections), seconds))
            result, latencies_ms = runner.run(_paced(connections, highest.per_s / 2, 2 * seconds))
            assert not highest.bad + result
            rates.append(highest.per_s)
            found.append(sorted(latencies_ms))
    return {
        "highest rate, updates/s": round(statistics.median(rates)),
        "updates at half of it": sum(map(len, found)),
        "p50, ms": _median_of(found, 0.5),
        "p99, ms": _median_of(found, 0.99),
        "p99.9, ms": _median_of(found, 0.999),
        "slowest of all, ms": round(max(latencies_ms[-1] for latencies_ms in found), 1),
        "wanted p99, ms": f"below {WANTED_MS}",
        "taken by the host": stolen.part(),
    }


def _median_of(rounds: list[list[float]], part: float) -> float:
    """The median of the rounds' percentiles."""
    return round(statistics.median(ordered[int(len(ordered) * part)] for ordered in rounds), 2)


class Paced(load.Connection):
    """A connection that can also send at times that are set beforehand."""

    interval_s = 0.0
    """Seconds from one update to the next; 0 sends each as soon as the reply before is there."""
    due_s = 0.0
    latencies_ms: list[float]

    def begin(self, due_s: float, interval_s: float) -> None:
        """Send the first update then, and one after each interval."""
        self.due_s, self.interval_s, self.latencies_ms = due_s, interval_s, []
        self.start()

    def send(self, body: bytes) -> None:
        """Send an update when it is due; one that is late, at once."""
        early_s = self.due_s - time.perf_counter() if self.interval_s else 0.0
        if early_s > 0:
            asyncio.get_running_loop().call_later(early_s, super().send, body)
        else:
            super().send(body)

    def data_received(self, data: bytes) -> None:
        """Note how long the update took, from when it was due."""
        if self.interval_s:
            self.latencies_ms.append(1000 * (time.perf_counter() - self.due_s))
            self.due_s += self.interval_s
        super().data_received(data)


async def _connect(port: int, seat: players.Seat) -> Paced:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Paced(players.updates(seat)), "127.0.0.1", port)
    return connection


async def _paced(connections: list[Paced], rate: float, seconds: float) -> tuple[int, list[float]]:
    """Bad replies, and the latencies of all updates, sent at a rate by all connections together."""
    bad_before = sum(connection.bad for connection in connections)
    interval_s = len(connections) / rate
    began_s = time.perf_counter()
    for index, connection in enumerate(connections):
        connection.begin(began_s + index / rate, interval_s)
    await asyncio.sleep(seconds)
    for connection in connections:
        connection.is_stopped = True
    await asyncio.wait_for(asyncio.gather(*(connection.idle.wait() for connection in connections)), 30)
    for connection in connections:
        connection.interval_s = 0.0
    bad = sum(connection.bad for connection in connections) - bad_before
    return bad, [latency_ms for connection in connections for latency_ms in connection.latencies_ms]
