"""What one request costs, and one match: processor time of the server and of Redis, operations of the store, bytes.

Not how many go through in a second, but what each takes: that can be added up for loads that no machine here carries.
Costs are those of a busy server, 64 connections at once: what many share (a write, a
transaction) is shared.
"""

from collections.abc import Callable
from typing import NamedTuple

from redis import Redis

from benchmarks import load, players, servers
from benchmarks.relay import CONNECTIONS

Bodies = Callable[[bytes], bytes]
MATCHES = 1_000
"""How many matches are begun to see what one takes."""


class Spent(NamedTuple):
    """What was spent since something began, or until now."""

    server_s: float
    redis_s: float
    operations: float
    """Scripts that Redis ran: each is a read, a commit or a part of one."""
    received_bytes: float
    """By Redis."""
    sent_bytes: float
    kept_bytes: float
    """Memory of Redis."""

    def each(self, count: int) -> dict[str, float]:
        """The share of each of so many."""
        return {
            "process, us": round(1e6 * self.server_s / count, 1),
            "Redis, us": round(1e6 * self.redis_s / count, 1),
            "operations": round(self.operations / count, 2),
            "bytes to Redis": round(self.received_bytes / count),
            "bytes from Redis": round(self.sent_bytes / count),
        }


def costs(*, rounds: int, seconds: float) -> dict[str, object]:
    """An update, an empty poll, an update that waits for its answer, and a match; embedded and over Redis."""
    seconds *= rounds
    with servers.turnserver() as server:
        embedded = _requests(server, None, "embedded", seconds)
    with servers.redis() as url, servers.turnserver("--live", url) as server:
        redis = Redis.from_url(url)
        shared = _requests(server, redis, "over Redis", seconds)
        match = _match(server, redis)
        redis.close()
    return {**embedded, **shared, **match}


def _requests(server: servers.Server, redis: Redis | None, where: str, seconds: float) -> dict[str, object]:
    seats = [seat for pair in players.matches(server.port, CONNECTIONS // 2) for seat in pair]
    updates = [players.updates(seat) for seat in seats]
    in_turns = [_in_turns(body, starts=seat.player == "0") for body, seat in zip(updates, seats, strict=True)]
    kinds: dict[str, tuple[list[Bodies], bytes]] = {
        "update": (updates, b"/"),
        "empty poll": ([_polls(body) for body in updates], b"/"),
        "update, answered": (in_turns, b"/?wait=2"),
    }
    return {
        f"{kind}, {where}": _measured(server, redis, bodies, target, seconds)
        for kind, (bodies, target) in kinds.items()
    }


def _polls(updates: Bodies) -> Bodies:
    """The same player's polls: its updates, without what they say."""
    return lambda reply: updates(reply).replace(players.TEXT, b"")


def _in_turns(updates: Bodies, *, starts: bool) -> Bodies:
    """A player that moves when its partner has, or begins: so the update of one of them is always held."""
    polls = _polls(updates)
    return lambda reply: updates(reply) if players.TEXT in reply or (starts and not reply) else polls(reply)


def _measured(
    server: servers.Server, redis: Redis | None, bodies: list[Bodies], target: bytes, seconds: float
) -> dict[str, float]:
    with load.runner() as runner:
        connections = [runner.run(load.connect(server.port, body, target)) for body in bodies]
        runner.run(load.run(connections, seconds / 4))
        before = _spent(server, redis)
        replies = sum(connection.replies for connection in connections)
        result = runner.run(load.run(connections, seconds))
        spent = _since(before, _spent(server, redis))
        replies = sum(connection.replies for connection in connections) - replies
        for connection in connections:
            connection.transport.close()
    assert not result.bad, f"{result.bad} replies were not 200"
    return spent.each(replies)


def _match(server: servers.Server, redis: Redis) -> dict[str, object]:
    """A match by name, from two registrations to the first update, over batches of lines."""
    before = _spent(server, redis)
    begun = sum(1 for _ in players.matches(server.port, MATCHES))
    spent = _since(before, _spent(server, redis))
    return {"match begun, over Redis": spent.each(begun), "bytes of a match in Redis": round(spent.kept_bytes / begun)}


def _spent(server: servers.Server, redis: Redis | None) -> Spent:
    if redis is None:
        return Spent(server.cpu_s(), 0, 0, 0, 0, 0)
    cpu, stats, memory = redis.info("cpu"), redis.info("stats"), redis.info("memory")
    scripts = redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})
    return Spent(
        server.cpu_s(),
        cpu["used_cpu_user"] + cpu["used_cpu_sys"],
        scripts["calls"],
        stats["total_net_input_bytes"],
        stats["total_net_output_bytes"],
        memory["used_memory"],
    )


def _since(before: Spent, now: Spent) -> Spent:
    return Spent(*(after - earlier for after, earlier in zip(now, before, strict=True)))
