"""A room in a bad world, from one seed: requests are lost, doubled, late and out of order; players come and go.

The world knows what the server accepted and can say at any time what must be true.
"""

from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

from tests.room_server import Guest, Member, members
from tests.text_server import TextServer
from turnserver.domain.rooms.documents import Pace, Room, is_paused, live_seats, room_partition
from turnserver.messages.items import Packet
from turnserver.protocol.limits import Limits


class Request(NamedTuple):
    """A line on its way to the server; `number` tells the client's requests apart."""

    player: "Player"
    number: int
    line: str


class Player:
    """A client that keeps to the protocol: it repeats what is not answered, and asks on from its cursor."""

    def __init__(self, world: "World", member: Member) -> None:
        self.world, self.member, self.seat = world, member, int(member.seat)
        self.generation = 1
        self.number = 0
        self.waiting: Request | None = None
        self.is_away = False
        self.has_left = False
        self.lies_from: int | None = None
        self.report_every = world.random.choice((1, 1, 2, 3))

    @property
    def executed(self) -> int:
        """The newest generation that it has executed."""
        return len(self.member.packets)

    def hash(self, generation: int) -> str:
        """The hash of its game's state, as it would report it."""
        commands = [packet.commands for packet in self.member.packets[:generation]]
        is_lie = self.lies_from is not None and generation >= self.lies_from
        return f"{crc32(repr(commands).encode()):x}" + ("!" if is_lie else "")

    def next_line(self) -> str:
        """What it asks for next: its next turn if it may post one, else what is new; sometimes something else."""
        chance = self.world.random.random()
        if chance < 0.02:
            return self.member.line(27, self.world.random.choice(("pause", "resume", "resume")))
        newest = self.executed
        if self.generation <= newest:
            self.generation = newest + 1
        if self.generation <= newest + self.world.lookahead and chance < 0.7:
            return self.turn_line(self.generation)
        return self.member.line(26)

    def turn_line(self, generation: int) -> str:
        checked = told = ""
        if self.executed and self.executed % self.report_every == 0:
            checked, told = f"{self.executed}", self.hash(self.executed)
        return self.member.line(25, f"{generation};40;60;{checked};{told};p{self.seat}g{generation}")

    def hear(self, request: Request, reply: str) -> None:
        """Take the reply to the request under way; a late one finds nobody who waits for it."""
        if self.waiting is None or request.number != self.waiting.number:
            return
        self.waiting = None
        symbol, data = request.line.split(",", 2)[:2]
        if reply == "30/*/*":
            self.rejoin()
            return
        self.member.hear(reply)
        if symbol == "25" and (reply.startswith("0/") or reply == "34/*/*"):
            self.generation = max(self.generation, int(data.split(";")[0]) + 1)

    def rejoin(self) -> None:
        """Come back with a new key: everything is read again from the first packet."""
        again = self.member.guest.join(self.member.room)
        assert again.seat == self.member.seat
        self.member = again
        self.waiting = None
        while self.member.poll().startswith("0/26/"):
            pass


class World:
    """One room and its players.

    Args:
        seed: All chance comes from it.
        count: How many players.
        policy: What the room does with silent seats.
    """

    def __init__(self, seed: int, count: int, policy: str = "wait", **wishes: Any) -> None:
        self.random = Random(seed)
        self.server = TextServer(Limits(room_idle_s=10**6))
        self.lookahead: int = wishes.get("lookahead", 2)
        everybody = members(self.server, count, on_silence=policy, silence_s=5, archive="all", **wishes)
        for member in everybody:
            member.ready()
        self.watcher = Member(everybody[0].guest, everybody[0].guest.join_reply(everybody[0].room))
        everybody[0].key, self.room = self.watcher.key, everybody[0].room
        for member in everybody:
            member.poll()
            member.seen.clear()
        self.players = [Player(self, member) for member in everybody]
        self.network: list[Request] = []
        self.accepted: dict[tuple[int, int], str] = {}
        self.refused: list[tuple[int, int, str]] = []
        self.reports: dict[int, dict[int, str]] = {player.seat: {} for player in self.players}

    def document(self, name: str) -> Any:
        """A document of the room, read behind the server's back."""
        return self.server.done(self.server.store.read(room_partition(self.room))).value(name)

    def record(self) -> list[Packet]:
        """All packets of the room, in the order of the server."""
        everything = Member(self.players[0].member.guest, self.players[0].member.guest.join_reply(self.room))
        self.players[0].member.key = everything.key
        while everything.poll().startswith("0/26/"):
            pass
        return everything.packets

    def live(self) -> list[Player]:
        """The players whose seats are live."""
        seats = live_seats(self.document("room"))
        return [player for player in self.players if player.seat in seats]

    def run(self, steps: int) -> None:
        """Let the world go on for a while."""
        for _ in range(steps):
            self.server.later(self.random.expovariate(20))
            self.random.choice((self.act, self.act, self.deliver, self.deliver, self.deliver))()

    def act(self) -> None:
        """One player does something: asks, loses patience and asks again, goes away, or comes back."""
        player = self.random.choice(self.players)
        chance = self.random.random()
        if player.is_away or player.has_left:
            if chance < 0.05 and not player.has_left:
                player.is_away = False
                if chance < 0.03:
                    player.rejoin()
            return
        if chance < 0.01:
            player.is_away = True
        elif player.waiting is not None:
            if chance < 0.3:
                self.network.append(player.waiting)
        else:
            player.number += 1
            player.waiting = Request(player, player.number, player.next_line())
            self.network.append(player.waiting)

    def deliver(self) -> None:
        """One request arrives, is lost, or arrives and will arrive again; the reply arrives or is lost."""
        if not self.network:
            return
        index = self.random.randrange(len(self.network))
        request = self.network[index]
        if self.random.random() > 0.15 or len(self.network) > 40:
            self.network.pop(index)
        if self.random.random() < 0.1:
            return
        reply = self.handle(request)
        if self.random.random() > 0.1 and not request.player.is_away:
            request.player.hear(request, reply)

    def handle(self, request: Request) -> str:
        """The server's reply, and what must be true after it."""
        reply = self.server.say(request.line)
        symbol, data, *_ = request.line.split(",")
        if symbol == "25":
            self.note(request.player.seat, data, reply)
        self.check_divergence()
        return reply

    def note(self, seat: int, data: str, reply: str) -> None:
        """Remember what the server promised about a turn."""
        generation, _, _, checked, told, commands = data.split(";", 5)
        if not reply.startswith("0/"):
            self.refused.append((seat, int(generation), commands))
            return
        if (seat, int(generation)) not in self.accepted and checked:
            self.reports[seat][int(checked)] = told
        self.accepted[seat, int(generation)] = commands

    def divergent(self) -> int | None:
        """The first generation that all who count have reported, and not alike."""
        skipping = self.document("pace").skipping
        told: list[Mapping[int, str]] = [self.reports[one.seat] for one in self.live() if one.seat not in skipping]
        decided = sorted(frozenset(told[0]).intersection(*told[1:])) if told else []
        return next((generation for generation in decided if len({one[generation] for one in told}) > 1), None)

    def check_divergence(self) -> None:
        """A divergence is caught with the very report that decides it, and none is made up."""
        room: Room = self.document("room")
        if room.ended_ms is None:
            assert self.divergent() is None
        else:
            assert room.state == "ended/diverged"
            assert self.divergent() is not None

    def calm_down(self, *, everybody: bool = True) -> None:
        """The network works again, and everybody plays on (or only those who are not away) for a few turns."""
        self.network.clear()
        pace: Pace = self.document("pace")
        goal = pace.generation + 5
        if is_paused(self.document("room")):
            self.live()[0].member.event("resume")
        for player in self.players:
            player.waiting = None
            player.is_away = player.is_away and not everybody
        for _ in range(60):
            if self.document("pace").generation >= goal or self.document("room").ended_ms is not None:
                break
            self.server.later(1)
            for player in self.players:
                if not (player.is_away or player.has_left):
                    self.ask(player)

    def ask(self, player: Player) -> None:
        """One request and its reply, as they should be; who is behind, or was refused, asks what is new."""
        player.member.poll()
        ahead = range(player.executed + 1, player.executed + self.lookahead + 1)
        mine = [generation for generation in ahead if (player.seat, generation) not in self.accepted]
        player.number += 1
        line = player.turn_line(mine[0]) if mine else player.member.line(26)
        player.waiting = Request(player, player.number, line)
        player.hear(player.waiting, self.handle(player.waiting))

    def check(self) -> None:
        """What must hold at the end of every story."""
        record = self.record()
        assert [packet.generation for packet in record] == list(range(1, len(record) + 1))
        for player in self.players:
            assert player.member.packets == record[: player.executed]
        for (seat, generation), commands in self.accepted.items():
            if generation <= len(record):
                assert record[generation - 1].commands[seat] == commands
        appeared = {
            (seat, packet.generation): commands
            for packet in record
            for seat, commands in enumerate(packet.commands)
            if commands is not None
        }
        assert appeared.items() <= self.accepted.items()


def guest_of(world: World) -> Guest:
    """Somebody who is not in the room."""
    return Guest(world.server)
