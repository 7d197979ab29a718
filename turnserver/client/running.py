"""The loop of a lock-step game as steps to perform: post turns ahead, wait for packets, execute them, compare hashes.

Packet g is executed as generation g, and only then the turn for g + lookahead is posted, with a wait: its answer
comes when packet g + 1 is there. So a turn costs one request, and its latency is hidden behind `lookahead` turns.

A turn is known by its seat and generation. The commands of a generation are asked for once and never change: a turn
whose reply was lost is posted again as it was, and counted once. Where the server had given up on this seat for a
generation, it refuses the turn (34): those commands are in no packet, and `on_refused` is told them.

Whoever comes later, or comes back, gets the same packets from the first one on, executes them as fast as it can, and
posts its own turns when it has caught up.

Source: docs/rooms.md, "Turns"; "1500 Archers on a 28.8".
"""

from collections import deque
from time import perf_counter
from typing import Generic

from turnserver.client.errors import Diverged, RoomEnded, SeatLost, WrongState
from turnserver.client.exchange import Steps
from turnserver.client.game_rules import Commands, Rules, S, checked_commands
from turnserver.client.hashes import Hashes
from turnserver.client.pacing import Beat, Gauge
from turnserver.client.timing import Timing
from turnserver.client.visiting import Visiting
from turnserver.messages import items
from turnserver.messages.items import Packet
from turnserver.messages.rooms import RoomTurn
from turnserver.protocol import answers

_REFUSED = (answers.TOO_OLD, answers.WRONG_STATE)


class Running(Generic[S]):
    """One client's game: its state, how far it is, and which turns it has posted.

    Args:
        visiting: The place in the room.
        rules: What the caller brings.
        state: The game after `generation`.
        generation: 0 for the beginning, or where a saved state was: packets up to it are not executed again.
        timing: The patience.
    """

    def __init__(self, visiting: Visiting, rules: Rules[S], state: S, generation: int, timing: Timing) -> None:
        self.state = state
        self.generation = generation
        self.beat = Beat(visiting.member.turn_ms)
        self._visiting = visiting
        self._rules = rules
        self._timing = timing
        self._packets: deque[Packet] = deque()
        self._posted = 0
        self._under_way: tuple[int, str] | None = None
        self._hashes = Hashes(rules.digest_every)
        self._latency = Gauge()
        self._framerate = Gauge()
        self._has_caught_up = False
        self._last: int | None = None
        self._last_s = 0.0

    @property
    def is_over(self) -> bool:
        """True once `Rules.until` was true and all have reported that state, or the room has ended for all."""
        member = self._visiting.member
        if self._last is not None:
            return member.newest >= self._last or member.is_over
        return member.is_over and not self._packets

    def rest_s(self, now_s: float) -> float:
        """How long to rest before the next round: until the next packet is due, but not while catching up."""
        if not self._packets or self._is_behind:
            return 0.0
        return max(0.0, self.beat.due_s - now_s)

    @property
    def _is_behind(self) -> bool:
        """True while more packets wait than a steady network and machine would leave."""
        return len(self._packets) > self._visiting.member.lookahead

    def round(self, now_s: float) -> Steps[None]:
        """Execute the next packet if it is there, post the turns that may be posted then, and wait for the next one.

        Args:
            now_s: A clock that only goes forward.

        Raises:
            Diverged: The games are no longer the same.
            SeatLost: The room goes on without this seat.
            RoomEnded: The room was closed, or nobody used it.
            TurnserverError: As `Visiting.ask` raises. What was under way is posted again by the next round.
        """
        self._visiting.must_go_on()
        self._absorb()
        if self._packets:
            self._execute(self._packets.popleft(), now_s)
        has_waited = (yield from self._post_turns()) if self._has_caught_up else False
        self._absorb()
        if self._is_late(now_s):
            self._last = 0  # which has come already
        if not (has_waited or self._packets or self.is_over):
            yield from self._look()

    def _look(self) -> Steps[None]:
        """Wait for news; before the first turn only look how much there is."""
        member = self._visiting.member
        is_waiting = self._has_caught_up or member.is_setup
        answer = yield from self._visiting.poll(self._timing.hold_s if is_waiting else 0)
        self._has_caught_up = self._has_caught_up or (
            answer.reply.answer is answers.NOTHING_NEW and not self._visiting.member.is_setup
        )
        self._absorb()

    def _is_late(self, now_s: float) -> bool:
        """True when the last state was waited for long enough: somebody never reported it."""
        return self._last is not None and now_s - self._last_s > self._timing.give_up_s

    def _absorb(self) -> None:
        """Sort what came: packets wait for their time, everything else is told at once."""
        for item in self._visiting.take():
            if isinstance(item, items.Diverged):
                raise Diverged(item.generation, dict(item.hashes), item.minority, item.parts)
            if isinstance(item, Packet):
                self._hashes.agreed(item)
                if item.generation > self.generation and self._last is None:
                    self._packets.append(item)
            else:
                self._rules.on_item(item)
        self._check()

    def _check(self) -> None:
        member = self._visiting.member
        self._hashes.check(member.seat)
        if member.is_over and member.state in ("ended/closed", "ended/expired") and not self._packets:
            raise RoomEnded(f"the room has ended: {member.state.partition('/')[2]}")
        if not member.is_live and not member.is_over:
            raise SeatLost("the room goes on without this seat")

    def _execute(self, packet: Packet, now_s: float) -> None:
        self.beat.follow(packet)
        self.beat.struck(now_s)
        iterations = self.beat.iterations
        began_s = perf_counter()
        self.state = self._rules.step(self.state, packet.generation, Commands(packet.commands, iterations))
        self._measure_framerate(iterations, perf_counter() - began_s)
        self.generation = packet.generation
        is_last = self._rules.until(self.state)
        if is_last:
            self._packets.clear()
            self._last, self._last_s = self.generation + self._visiting.member.lookahead, now_s
        is_wanted = is_last or self._hashes.is_wanted(self.generation, is_news=not self._is_behind)
        if self._rules.digest is not None and is_wanted:
            self._hashes.made(self.generation, self._rules.digest(self.state))
            self._hashes.check(self._visiting.member.seat)

    def _measure_framerate(self, iterations: int, took_s: float) -> None:
        if self._rules.framerate is not None:
            self._framerate.measured(min(self._rules.framerate, int(iterations / max(took_s, 1e-6))))

    def _post_turns(self) -> Steps[bool]:
        """Post all turns that may be posted; True if the last of them waited for the next packet."""
        has_waited = False
        upto = self.generation + self._visiting.member.lookahead
        while self._has_turn(upto):
            assert self._under_way is not None
            has_waited = self._under_way[0] == upto and not (self._packets or self._visiting.has_items)
            yield from self._post(*self._under_way, wait_s=self._timing.hold_s if has_waited else 0)
        return has_waited

    def _has_turn(self, upto: int) -> bool:
        """True if a turn is under way, or one may be: its commands are then asked for, once."""
        member = self._visiting.member
        if member.seat is None or not member.is_live or member.is_over or member.is_setup:
            return False
        generation = max(self._posted, member.newest) + 1
        if self._under_way is None and generation <= upto:
            commands = self._rules.commands(generation, self.state) if self._last is None else ""
            self._under_way = generation, checked_commands(commands)
        return self._under_way is not None

    def _post(self, generation: int, commands: str, *, wait_s: int) -> Steps[None]:
        member, report = self._visiting.member, self._hashes.unreported
        latency_ms, framerate = self._latency.news(), self._framerate.news()
        checked, told = report or (None, "")
        request = RoomTurn(
            member.key, member.seat, member.cursor, generation, latency_ms, framerate, checked, told, commands
        )
        answer = yield from self._visiting.ask(request, wait_s=wait_s, refusals=_REFUSED)
        self._under_way, self._posted = None, max(generation, self._posted)
        if answer.reply.answer in _REFUSED:
            self._rules.on_refused(generation, commands)
            if answer.reply.answer is answers.WRONG_STATE:
                yield from self._learn_why()
            return
        self._latency.measured(max(1, round(1000 * answer.took_s)))
        self._latency.told(latency_ms)
        self._framerate.told(framerate)
        self._hashes.reported(checked)

    def _learn_why(self) -> Steps[None]:
        """Read to the end of the room: a turn was refused because it, or this seat in it, plays no more."""
        answer = yield from self._visiting.poll(0)
        while answer.reply.answer is answers.ROOM_ITEMS:
            answer = yield from self._visiting.poll(0)
        self._absorb()
        if self._visiting.member.is_live and not self._visiting.member.is_over:
            raise WrongState("the room takes no turns")
