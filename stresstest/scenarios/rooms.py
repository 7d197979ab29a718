"""A player of lock-step rooms: finds a room or makes one, gets ready, posts a numbered turn for each packet, leaves.

The game is the record of its packets: its state is one hash over all that came. Each turn carries the hash before its
own generation, in its commands for the other players and in its report for the server. So every packet is known to have
been the same for all, whatever the server finds; and every command is counted, its author's own included.

How a game ends: who has played long enough marks a command as its last, and so does, from the next one on, who has
seen such a mark. The first packet in which every player's command is marked is the last of the game, for all alike.

Source: docs/rooms.md.
"""

from collections.abc import Sequence
from hashlib import sha256

from stresstest import numbered
from stresstest.checker import Checker, Verdict
from stresstest.numbered import Message
from stresstest.scenarios.asking import WAIT_S, Patience, ask, session
from stresstest.scenarios.lobby import Place, enter
from stresstest.scenarios.player import ROOMS, Player
from stresstest.steps import Abandoned, Pause, Steps
from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Item, Left, Moved, Packet
from turnserver.messages.reply import Reply
from turnserver.messages.rooms import RoomLeave, RoomPoll, RoomTurn
from turnserver.protocol import answers
from turnserver.wire.room_replies import parse_items

RATE = 5.0
"""Turns a second of a player that has no other pace."""

SIZE_MAX = 4_000
"""The longest message that fits into a turn, in bytes."""

PACKET_S_MAX = 40.0
"""How long a player waits for a packet: longer than a room waits for a silent seat."""

LATENCY_MS_MAX = 9_999
"""The longest latency that is reported to the server."""

_ITEMS = frozenset((answers.ROOM_ITEMS, answers.NOTHING_NEW))
_LEFT = frozenset((answers.ROOM_LEFT,))


def game(player: Player) -> Steps[None]:
    """One game, from finding a room to leaving it; none if it is all over before one begins.

    Raises:
        Abandoned: An answer came that ends the game, or none for too long.
    """
    token = (yield from session(player)).token
    place = yield from enter(player, token)
    if place is not None:
        yield from _Game(player, place).play()


class _Game:
    """Play, once the room runs."""

    def __init__(self, player: Player, place: Place) -> None:
        self._player = player
        self._place = place
        self._cursor: Cursor = place.cursor
        self._streams = {seat: Checker() for seat in place.members}
        self._live = set(place.members)
        self._generation = 0
        self._posted = 0
        self._due_s = 0.0
        self._latency_ms: int | None = None
        self._hash = sha256(b"").hexdigest()[:16]
        self._hashes: dict[int, str] = {0: self._hash}
        self._diverged = 0
        self._is_ending = self._is_ended = False

    def play(self) -> Steps[None]:
        """Take turns to the end, leave, and settle what was found, whatever happens."""
        try:
            yield from self._take_turns()
            yield from ask(self._player, RoomLeave(self._place.key, self._place.seat), _LEFT)
        finally:
            self._player.ledger.settled(ROOMS, self._verdict(), is_whole=self._is_ended)

    def _take_turns(self) -> Steps[None]:
        """A turn is due one interval after the packet before it came: so all players of a room keep in step."""
        player = self._player
        rate = RATE if player.rate is None else player.rate
        self._due_s = player.clock()
        ends_s = self._due_s + player.game_s
        self._take(self._place.items)
        while not self._is_ended:
            self._is_ending = self._is_ending or player.clock() >= ends_s or player.is_over()
            yield from self._turn()
            self._due_s = player.clock() + (1 / rate if rate else 0.0)
            if rate and not self._is_ended:
                yield Pause(1 / rate)

    def _turn(self) -> Steps[None]:
        """Post the next generation's turn, and ask until its packet is there."""
        generation = self._generation + 1
        patience = Patience(self._player.clock, PACKET_S_MAX, "the packet did not come")
        turn = RoomTurn(
            self._place.key,
            self._place.seat,
            self._cursor,
            generation,
            self._latency_ms,
            None,
            self._generation,
            self._hash,
            self._commands(generation),
        )
        reply = yield from ask(self._player, turn, _ITEMS, wait_s=WAIT_S)
        self._posted = generation
        self._read(reply)
        while self._generation < generation:
            patience.check()
            poll = RoomPoll(self._place.key, self._place.seat, self._cursor)
            self._read((yield from ask(self._player, poll, _ITEMS, wait_s=WAIT_S)))

    def _commands(self, generation: int) -> str:
        due_us = round(self._due_s * 1e6)
        message = Message(generation - 1, due_us, self._player.host, is_last=self._is_ending)
        return f"{self._hash} {numbered.data(message, size_bytes=self._player.size_bytes).decode()}"

    def _read(self, reply: Reply) -> None:
        if reply.answer is answers.ROOM_ITEMS:
            try:
                self._cursor, items = parse_items(reply.body)
            except ValueError as error:
                raise Abandoned(str(error)) from None
            self._take(items)

    def _take(self, items: Sequence[Item]) -> None:
        for item in items:
            match item:
                case Packet():
                    self._execute(item)
                case Left(seat):
                    self._live.discard(seat)
                    if seat == self._place.seat:
                        raise Abandoned("this player was dropped from its room")
                case Moved(state) if state.startswith("ended/") and not self._is_ended:
                    self._diverged += state == "ended/diverged"
                    raise Abandoned(f"the room has ended in the middle of the game: {state}")

    def _execute(self, packet: Packet) -> None:
        """Check a packet, and take it into the game's state."""
        if packet.checked is not None and self._hashes.get(packet.checked, packet.hash) != packet.hash:
            self._diverged += 1
        is_last = [self._check(seat, packet) for seat in self._live]
        self._is_ending = self._is_ending or any(is_last)
        self._is_ended = all(is_last)
        self._generation = packet.generation
        self._hash = sha256(f"{self._hash}{packet.generation}{packet.commands}".encode()).hexdigest()[:16]
        self._hashes[packet.generation] = self._hash
        self._hashes.pop(packet.generation - 64, None)

    def _check(self, seat: int, packet: Packet) -> bool:
        """Check one seat's commands; True if they are its last."""
        commands = packet.commands[seat] if seat < len(packet.commands) else None
        checker = self._streams[seat]
        if commands is None:  # a live seat's turn is missing: the next number will show it
            return False
        before, _, text = commands.partition(" ")
        message = numbered.parse(text.encode())
        if message is None:
            checker.altered()
            return False
        self._diverged += before != self._hash
        if checker.arrived(message.number, is_last=message.is_last):
            self._note(seat, message)
        return checker.has_last

    def _note(self, seat: int, message: Message) -> None:
        latency_s = self._player.age_s(message)
        if seat != self._place.seat:
            self._player.ledger.arrived(ROOMS, latency_s)
        elif latency_s is not None:
            self._player.ledger.turned(latency_s)
            self._latency_ms = min(round(latency_s * 1000), LATENCY_MS_MAX)

    def _verdict(self) -> Verdict:
        """Of its own commands all that were accepted must have come back; of the others' all up to the latest."""
        own = self._place.seat
        others = (checker.received_verdict() for seat, checker in self._streams.items() if seat != own)
        return sum(others, self._streams[own].verdict(sent=self._posted) + Verdict(diverged=self._diverged))
