"""Updates/s of the relay, against what the same uvicorn does with a bare relay; and whether that stays flat.

All contenders run at once, each pinned to the server's core, and take turns; a round measures each once, for some
seconds, and the ratio is taken within the round. What is reported is the median of the rounds' ratios.
"""

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from benchmarks import load, players, servers

CONNECTIONS = 64
Bodies = Callable[[bytes], bytes]


BASE = "bare ASGI relay"


class Run(NamedTuple):
    """What one run of a contender came to."""

    per_s: float
    """Requests."""
    server_us: float
    """Processor time of the server for each; of its first process alone."""


Measured = dict[str, list[Run]]
"""By contender, the runs of all rounds."""


def against_references(*, rounds: int, seconds: float) -> dict[str, object]:
    """64 connections, 32 pairs exchanging messages: requests/s relative to a bare relay as an ASGI application.

    Every request brings a message and its reply those that came meanwhile: as many are delivered as requests are made.
    """
    with ExitStack() as stack:
        contenders = {
            BASE: stack.enter_context(servers.reference("relay")),
            "bare ASGI echo": stack.enter_context(servers.reference("echo")),
            "Starlette route": stack.enter_context(servers.reference("starlette")),
            "relay, durability process": stack.enter_context(servers.turnserver()),
            "relay, durability none": stack.enter_context(servers.turnserver("--durability", "none")),
        }
        bodies = {
            name: list(_played(server.port, CONNECTIONS // 2)) if name.startswith("relay") else list(_made_up())
            for name, server in contenders.items()
        }
        measured = _measure(contenders, bodies, rounds=rounds, seconds=seconds)
    return {"unit": "delivered messages/s relative to the bare ASGI relay", **relative(measured, BASE)}


def growth(*, rounds: int, seconds: float, few: int, many: int) -> dict[str, object]:
    """32 pairs exchanging messages while many matches live, relative to few; and updates that go round all of them."""
    patient = ("--config", str(servers.PATIENT))
    everywhere = f"{many}, updates go round all of them"
    with ExitStack() as stack:
        little, large = (stack.enter_context(servers.turnserver(*patient)) for _ in range(2))
        contenders = {str(few): little, str(many): large, everywhere: large}
        all_bodies = list(_played(large.port, many))
        players.begin(large.port, all_bodies)
        bodies = {
            str(few): list(_played(little.port, few))[:CONNECTIONS],
            str(many): all_bodies[:CONNECTIONS],
            everywhere: list(_spread(all_bodies)),
        }
        measured = _measure(contenders, bodies, rounds=rounds, seconds=seconds)
    return {"unit": f"requests/s relative to {few} live matches", **relative(measured, str(few))}


def measure(contenders: dict[str, servers.Server], *, rounds: int, seconds: float) -> Measured:
    """32 pairs exchanging messages."""
    bodies = {name: list(_played(server.port, CONNECTIONS // 2)) for name, server in contenders.items()}
    return _measure(contenders, bodies, rounds=rounds, seconds=seconds)


def _made_up() -> Iterator[Bodies]:
    """The players of pairs that no server has brought together."""
    pairs = (f"abcdefghijklmn{pair:02}" for pair in range(CONNECTIONS // 2))
    return (players.updates(players.Seat(key, seat)) for key in pairs for seat in "01")


def _played(port: int, matches: int) -> Iterator[Bodies]:
    return (players.updates(seat) for pair in players.matches(port, matches) for seat in pair)


def _spread(bodies: Sequence[Bodies]) -> Iterator[Bodies]:
    """As many streams of bodies as there are connections; each goes round its share of all players."""
    for first in range(CONNECTIONS):
        yield _round_robin(bodies[first::CONNECTIONS])


def _round_robin(share: Sequence[Bodies]) -> Bodies:
    turn = 0

    def next_body(reply: bytes) -> bytes:
        nonlocal turn
        turn = (turn + 1) % len(share)
        return share[turn](reply)

    return next_body


def _measure(
    contenders: dict[str, servers.Server], bodies: dict[str, list[Bodies]], *, rounds: int, seconds: float
) -> Measured:
    measured: Measured = {name: [] for name in contenders}
    names = list(contenders)
    with load.runner() as runner:
        connections = {
            name: [runner.run(load.connect(contenders[name].port, body)) for body in bodies[name]] for name in names
        }
        load.leave_garbage()
        for round_index in range(rounds + 1):
            for name in names[round_index % len(names) :] + names[: round_index % len(names)]:
                before_s = contenders[name].cpu_s()
                result = runner.run(load.run(connections[name], seconds if round_index else 0.5))
                spent_s = contenders[name].cpu_s() - before_s
                assert not result.bad, f"{name}: {result.bad} replies were not 200"
                if round_index:  # the first round warms up
                    measured[name].append(Run(result.per_s, 1e6 * spent_s / result.replies))
        runner.run(_close(connection for group in connections.values() for connection in group))
    return measured


async def _close(connections: Iterable[load.Connection]) -> None:
    for connection in connections:
        connection.transport.close()


def relative(measured: Measured, base: str) -> dict[str, dict[str, float]]:
    """The median of each contender's ratios to the base, round by round, and its median figures."""
    return {
        name: {
            "ratio": round(statistics.median(a.per_s / b.per_s for a, b in zip(runs, measured[base], strict=True)), 3),
            "per_s": round(statistics.median(run.per_s for run in runs)),
            "server, us": round(statistics.median(run.server_us for run in runs), 1),
        }
        for name, runs in measured.items()
    }
