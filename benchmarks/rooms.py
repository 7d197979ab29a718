"""Rooms: turns/s of one room against the relay's updates/s, the delay that many rooms add, and bytes of a turn.

* `turning`: 8 players of one room, each posting its next turn as soon as the packet before is there, every request a
  waiting poll; against 8 players of the relay. Both run on the server's core and take turns, and the ratio is taken
  within the round.
* `delay`: many rooms in which every player posts a turn 5 times a second. What is measured is the time from the moment
  when the last of a room has posted to the moment when a packet is read, so the network and the load's own loop count.
  What is shown are the medians of the rounds.
* `bytes`: what an empty turn costs each of three players, bodies both ways together.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple

from benchmarks import host, load, players, room_players, servers
from benchmarks.room_players import RoomSeat, Turns

SEATS = 8
WAIT = b"/?wait=2"
"""Long enough for any packet; and a run ends this long after it was told to at the latest."""

TURN_S = 0.2

WANTED_MS = 50

BEGINNING_S = 10 * TURN_S
"""Many rooms do not begin in the same moment: they come one after the other within this time."""


def turning(*, rounds: int, seconds: float) -> dict[str, object]:
    """Turns/s of 8 players in one room relative to updates/s of 8 players of the relay."""
    ratios, turns, updates, packets = [], [], [], []
    with ExitStack() as stack:
        relay, rooms = (stack.enter_context(servers.turnserver()) for _ in range(2))
        seats = next(room_players.rooms(rooms.port, 1, SEATS))
        clients = [Turns(seat) for seat in seats]
        with load.runner() as runner:
            pairs = players.matches(relay.port, SEATS // 2)
            bodies = [players.updates(seat) for pair in pairs for seat in pair]
            relaying = [runner.run(load.connect(relay.port, body)) for body in bodies]
            playing = [runner.run(load.connect(rooms.port, client.next_body, WAIT)) for client in clients]
            for round_index in range(rounds + 1):
                first = runner.run(load.run(relaying, seconds if round_index else 0.5))
                before = clients[0].generation
                second = runner.run(load.run(playing, seconds if round_index else 0.5))
                assert not first.bad + second.bad
                if round_index:  # the first round warms up
                    ratios.append(second.per_s / first.per_s)
                    turns.append(second.per_s)
                    updates.append(first.per_s)
                    packets.append((clients[0].generation - before) / second.seconds)
    return {
        "unit": f"turns/s of {SEATS} players in one room relative to updates/s of {SEATS} players of the relay",
        "relay": {"ratio": 1.0, "per_s": round(statistics.median(updates))},
        "room, turns": {"ratio": round(statistics.median(ratios), 3), "per_s": round(statistics.median(turns))},
        "packets/s of the room": round(statistics.median(packets)),
    }


def delay(*, rooms: int, seats: int, rounds: int, seconds: float) -> dict[str, object]:
    """The extra delay of a turn, with every player of many rooms posting 5 times a second."""
    with servers.turnserver() as server, load.runner() as runner:
        before_s = server.cpu_s()
        groups = [Group(seated) for seated in room_players.rooms(server.port, rooms, seats)]
        set_up_s = server.cpu_s() - before_s
        stolen = host.Stolen()
        found = runner.run(_play(server, groups, rounds, seconds))
    return {
        "rooms": f"{rooms} of {seats}, each at {1 / TURN_S:g} turns/s, once all have begun",
        "packets read": sum(one.packets for one in found),
        "p50, ms": statistics.median(one.p50_ms for one in found),
        "p99, ms": statistics.median(one.p99_ms for one in found),
        "p99 of the worst round, ms": max(one.p99_ms for one in found),
        "wanted p99, ms": f"below {WANTED_MS}",
        "of the core": f"{100 * statistics.median(one.used for one in found):.0f} %",
        "taken by the host": stolen.part(),
        "set-up, ms of the core per room": round(1000 * set_up_s / rooms, 1),
    }


class Group:
    """A room under `delay`: when its latest turn of each generation was posted, and how long the packets took."""

    def __init__(self, seats: Sequence[RoomSeat]) -> None:
        self.clients = [Turns(seat) for seat in seats]
        self.posted_s: dict[int, float] = {}
        self.delays_ms: list[float] = []


class Paced(load.Connection):
    """One player who posts at its times: the next turn a fifth of a second after the one before, not sooner."""

    def __init__(self, group: Group, client: Turns) -> None:
        super().__init__(self._next, WAIT)
        self._group, self._client = group, client
        self._due_s = 0.0

    def _next(self, reply: bytes) -> bytes:
        before = self._client.generation
        body = self._client.next_body(reply)
        if self._client.generation > before:
            self._group.delays_ms.append(1000 * (time.perf_counter() - self._group.posted_s[before]))
        return body

    def send(self, body: bytes) -> None:
        """Send a turn when it is due; a poll at once."""
        now_s = time.perf_counter()
        if self.transport.is_closing():
            return  # it was due after the end
        if not body.startswith(b"25,"):
            super().send(body)
        elif now_s < self._due_s:
            asyncio.get_running_loop().call_later(self._due_s - now_s, self.send, body)
        else:
            self._due_s = max(now_s, self._due_s) + TURN_S
            self._group.posted_s[self._client.generation] = time.perf_counter()
            super().send(body)

    def begin_at(self, due_s: float) -> None:
        """Post the first turn then."""
        self._due_s = due_s
        self.start()


class Played(NamedTuple):
    """What was measured in a round of `delay`."""

    packets: int
    p50_ms: float
    p99_ms: float
    used: float
    """The server's part of a core."""


async def _play(server: servers.Server, groups: Sequence[Group], rounds: int, seconds: float) -> list[Played]:
    """Let all rooms play for some rounds, once they have begun one after the other.

    The turns of all rooms are spread over the fifth of a second.
    """
    loop = asyncio.get_running_loop()
    connections = []
    for group in groups:
        for client in group.clients:
            _, connection = await loop.create_connection(
                lambda group=group, client=client: Paced(group, client),  # type: ignore[misc]  # bound now, not later
                "127.0.0.1",
                server.port,
            )
            connections.append(connection)
    load.leave_garbage()
    started_s = time.perf_counter()
    for index, connection in enumerate(connections):
        connection.begin_at(started_s + BEGINNING_S * (index / len(connections)))
    await asyncio.sleep(BEGINNING_S + 2 * TURN_S)
    played = [await _round(server, groups, seconds) for _ in range(rounds)]
    for connection in connections:
        connection.is_stopped = True
        connection.transport.close()
    return played


async def _round(server: servers.Server, groups: Sequence[Group], seconds: float) -> Played:
    for group in groups:
        group.delays_ms.clear()
    before_s, began_s = server.cpu_s(), time.perf_counter()
    await asyncio.sleep(seconds)
    used = (server.cpu_s() - before_s) / (time.perf_counter() - began_s)
    delays_ms = sorted(delay_ms for group in groups for delay_ms in group.delays_ms)
    p50_ms, p99_ms = (round(delays_ms[len(delays_ms) * percent // 100], 1) for percent in (50, 99))
    return Played(len(delays_ms), p50_ms, p99_ms, used)


def turn_bytes(*, seconds: float) -> dict[str, object]:
    """Bytes of the bodies of an empty turn of 3 players: the longest request and reply of one of them together."""
    together: list[int] = []
    with servers.turnserver() as server, load.runner() as runner:
        clients = [Turns(seat) for seat in next(room_players.rooms(server.port, 1, 3))]
        measured = clients[0]
        latest = b""

        def next_body(reply: bytes) -> bytes:
            nonlocal latest
            if reply.count(b"|t:") == 1 and latest.startswith(b"25,"):
                together.append(len(latest) + len(reply))
            latest = measured.next_body(reply)
            return latest

        bodies = [next_body, *(client.next_body for client in clients[1:])]
        runner.run(load.run([runner.run(load.connect(server.port, body, WAIT)) for body in bodies], seconds))
    return {"turns": len(together), "request and reply at most": max(together), "wanted at most": 64}
