"""What a storm of logins costs the relay: the p99 of its updates during one, against the quiet just before, in one run.

64 connections of 32 pairs send an update each some milliseconds after the reply to the one before: a busy server, not a
full one, whose delays are its own and not those of a queue. In every other span 16 more connections log in without a
pause.
"""

import asyncio
import http.client
import statistics
import time
from collections.abc import Callable
from contextlib import closing

from benchmarks import load, players, servers

PAIRS = 32
PAUSE_S = 0.015
"""Between a reply and the next update: about 4,000 updates a second from all together."""

STORMERS = 16
PASSWORD = "correct horse battery staple"  # of accounts that live as long as the benchmark


class Clocked(load.Connection):
    """A connection that pauses before each request and keeps the time to each reply."""

    def __init__(self, next_body: Callable[[bytes], bytes]) -> None:
        super().__init__(next_body)
        self.latencies_ms: list[float] = []
        self._sent_s = 0.0

    def send(self, body: bytes) -> None:
        """Send one request after a pause."""
        asyncio.get_running_loop().call_later(PAUSE_S, self._send, body)

    def _send(self, body: bytes) -> None:
        self._sent_s = time.perf_counter()
        super().send(body)

    def data_received(self, data: bytes) -> None:
        """Keep the time to a whole reply."""
        replies = self.replies
        super().data_received(data)
        if self.replies > replies:
            self.latencies_ms.append(1000 * (time.perf_counter() - self._sent_s))


def storm(*, rounds: int, seconds: float) -> dict[str, object]:
    """p99 of updates during storms of logins, relative to the quiet before each."""
    with servers.turnserver() as server, load.runner() as runner:
        seats = [seat for pair in players.matches(server.port, PAIRS) for seat in pair]
        updating = [runner.run(_clocked(server.port, players.updates(seat))) for seat in seats]
        logging_in = [runner.run(load.connect(server.port, body)) for body in _logins(server.port)]
        quiet_ms, storm_ms, logins = [], [], []
        for round_index in range(rounds + 1):
            quiet = runner.run(_p99_ms(updating, [], seconds))
            before = sum(connection.replies for connection in logging_in)
            stormy = runner.run(_p99_ms(updating, logging_in, seconds))
            if round_index:  # the first round warms up
                quiet_ms.append(quiet)
                storm_ms.append(stormy)
                logins.append((sum(connection.replies for connection in logging_in) - before) / seconds)
        assert not any(connection.bad for connection in (*updating, *logging_in)), "replies that were not 200"
        for connection in (*updating, *logging_in):
            connection.transport.close()
    return {
        "p99 of an update, quiet, ms": round(statistics.median(quiet_ms), 2),
        "p99 of an update, storm of logins, ms": round(statistics.median(storm_ms), 2),
        "relative to the quiet": round(statistics.median(a / b for a, b in zip(storm_ms, quiet_ms, strict=True)), 2),
        "logins/s during the storm": round(statistics.median(logins), 1),
    }


async def _clocked(port: int, next_body: Callable[[bytes], bytes]) -> Clocked:
    _, connection = await asyncio.get_running_loop().create_connection(lambda: Clocked(next_body), "127.0.0.1", port)
    return connection


def _logins(port: int) -> list[Callable[[bytes], bytes]]:
    """The bodies of logins, of one new account for each connection."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        for number in range(STORMERS):
            connection.request("POST", "/", f"60,player {number};{PASSWORD},*,*,*")
            assert connection.getresponse().read().startswith(b"0/60/")
    bodies = [f"61,player {number};{PASSWORD},*,*,*".encode() for number in range(STORMERS)]
    return [lambda _reply, body=body: body for body in bodies]  # type: ignore[misc]  # mypy sees no default in a lambda


async def _p99_ms(updating: list[Clocked], logging_in: list[load.Connection], seconds: float) -> float:
    """The p99 of all updates in a span of time."""
    for connection in updating:
        connection.latencies_ms.clear()
    runs = [load.run([*updating], seconds)]
    if logging_in:
        runs.append(load.run(logging_in, seconds))
    await asyncio.gather(*runs)
    latencies_ms = sorted(latency for connection in updating for latency in connection.latencies_ms)
    return latencies_ms[int(0.99 * len(latencies_ms))]
