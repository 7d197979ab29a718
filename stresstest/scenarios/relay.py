"""A relay player: registers, pairs with anyone, loads, exchanges numbered messages, quits.

How a game ends without a loss: who has played long enough marks a message as its last, and goes on asking until the
partner's last has come; who sees the partner's last sends its own at once. Then both have everything, and quit. Who
comes second finds that the partner has left, which is no error then.

Source: docs/protocol.md, section "Relay".
"""

from collections.abc import Iterator

from stresstest import numbered
from stresstest.checker import Checker
from stresstest.numbered import Message
from stresstest.scenarios.asking import Pace, ask
from stresstest.scenarios.player import RELAY, Player
from stresstest.scenarios.seat import Seat
from stresstest.steps import Abandoned, Pause, Post, Steps, until_answered
from turnserver.messages.relay import MapInit, MapReady, Register, RequestPair, Unregister
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.symbols import Symbol
from turnserver.wire import requests

RATE = 5.0
"""Messages a second of a player that has no other pace."""

ASK_EVERY_S = 0.25
"""How often a player asks for a partner, and whether the partner has loaded."""

LOAD_S_MAX = 0.5
"""Loading takes up to this long, by chance."""

DRAIN_S_MAX = 30.0
"""How long a player that sent its last message waits for the partner's."""

POLL_EVERY_S_MAX = 0.25
"""How often a player asks, at least, that has nothing to send any more."""

_REGISTERED = frozenset((answers.REGISTERED,))
_UNREGISTERED = frozenset((answers.UNREGISTERED,))
_PAIRED = frozenset((answers.PAIRED_AS_SERVER, answers.PAIRED_AS_CLIENT))
_ASKED = _PAIRED | {answers.NO_PARTNER_YET}
_LOADING = frozenset((answers.LOADING_AS_SERVER, answers.LOADING_AS_CLIENT))
_READY = frozenset((answers.PARTNER_LOADS, answers.PLAY))
_ITEMS = frozenset((answers.UPDATES, answers.UNACKNOWLEDGED))
_UPDATED = _ITEMS | {answers.NOTHING_NEW}
_QUIT = frozenset((answers.QUIT, answers.PARTNER_LEFT))
_DROPPED = frozenset((answers.PARTNER_DROPPED,))


def game(player: Player) -> Steps[None]:
    """One game, from REGISTER to GAME_QUIT; without a partner, to UNREGISTER once it is all over.

    Raises:
        Abandoned: An answer came that ends the game, or none for too long.
    """
    key = (yield from ask(player, Register(player.name, None, long_timeout=False), _REGISTERED)).body.decode()
    found = yield from _pair_and_load(player, key)
    if found is None:
        yield from ask(player, Unregister(key), _UNREGISTERED)
        return
    partner, body = found
    game_key, bar, seat = body.partition(b"|")
    if not bar or seat not in (b"0", b"1"):
        raise Abandoned(f"not a game key and a player: {body[:80]!r}")
    is_ours = partner.startswith(f"{player.run}-".encode())
    yield from _Game(player, Seat(game_key.decode(), int(seat), is_exact=player.is_exact), is_ours=is_ours).play()


def _pair_and_load(player: Player, key: str) -> Steps[tuple[bytes, bytes] | None]:
    """The partner's name and the body of the answer that begins play; None if it was all over before."""
    while True:
        paired = yield from ask(player, RequestPair(key), _may_drop(player, _ASKED), bearable=_DROPPED)
        if paired.answer in _PAIRED:
            body = yield from _load(player, key)
            if body is not None:
                return paired.body, body
        elif player.is_over():
            return None
        yield Pause(ASK_EVERY_S)


def _load(player: Player, key: str) -> Steps[bytes | None]:
    """The body of the answer that begins play; None if the partner dropped."""
    noted = yield from ask(player, MapInit(key), _may_drop(player, _LOADING), bearable=_DROPPED)
    if noted.answer is answers.PARTNER_DROPPED:
        return None
    yield Pause(player.chance.uniform(0, LOAD_S_MAX))
    while True:
        ready = yield from ask(player, MapReady(key), _may_drop(player, _READY), bearable=_DROPPED)
        if ready.answer is answers.PARTNER_DROPPED:
            return None
        if ready.answer is answers.PLAY:
            return ready.body
        yield Pause(ASK_EVERY_S)


def _may_drop(player: Player, expected: frozenset[Answer]) -> frozenset[Answer]:
    """When it is all over, partners go who never came to play: no error then."""
    return expected | _DROPPED if player.is_over() else expected


class _Game:
    """Play, once both have loaded.

    Args:
        player: Who plays.
        seat: Its counters.
        is_ours: Whether the partner is of this run: the messages of another's are not in this run's sum.
    """

    def __init__(self, player: Player, seat: Seat, *, is_ours: bool) -> None:
        self._player = player
        self._seat = seat
        self._is_ours = is_ours
        self._rate = RATE if player.rate is None else player.rate
        self._checker = Checker()
        self._sent = 0
        self._is_ending = False
        self._has_sent_last = False
        self._has_partner_left = False

    def play(self) -> Steps[None]:
        """Exchange messages, quit, and settle what was found, whatever happens."""
        try:
            yield from self._exchange()
            yield from self._quit()
        finally:
            is_whole = self._has_sent_last and self._checker.has_last
            found = self._checker.verdict(sent=self._sent) if self._is_ours else self._checker.received_verdict()
            self._player.ledger.settled(RELAY, found, is_whole=is_whole)

    def _exchange(self) -> Steps[None]:
        clock = self._player.clock
        ends_s = clock() + self._player.game_s
        pace = Pace(self._player, self._rate)
        while not (self._has_sent_last or self._has_partner_left):
            if pace.pause_s:
                yield Pause(pace.pause_s)
            is_last = clock() >= ends_s or self._checker.has_last or self._player.is_over()
            yield from self._send(pace.due_s, is_last=is_last)
            pace.sent()
        yield from self._drain()

    def _send(self, due_s: float, *, is_last: bool) -> Steps[None]:
        message = Message(self._sent, round(due_s * 1e6), self._player.host, is_last)
        self._is_ending = is_last
        yield from self._update(numbered.data(message, size_bytes=self._player.size_bytes))
        # A partner whose last has come leaves only after this one's: then the last arrived, though no reply did.
        if not self._has_partner_left or (is_last and self._checker.has_last):
            self._sent += 1
            self._has_sent_last = is_last

    def _drain(self) -> Steps[None]:
        """Ask until the partner's last message has come, or it has left."""
        gives_up_s = self._player.clock() + DRAIN_S_MAX
        pause_s = min(1 / self._rate, POLL_EVERY_S_MAX) if self._rate else 0.0
        while not (self._checker.has_last or self._has_partner_left):
            if self._player.clock() > gives_up_s:
                raise Abandoned(f"the partner's last message did not come for {DRAIN_S_MAX:.0f} s")
            yield Pause(pause_s)
            yield from self._update(b"")

    def _update(self, data: bytes) -> Steps[None]:
        """Have one update accepted, and check what comes back."""
        self._seat.begin(data)
        while self._seat.is_under_way and not self._has_partner_left:
            request = Post(Symbol.GAME_UPDATE, requests.line(self._seat.request), self._expected)
            reply = yield from until_answered(request, self._player.clock)
            items = reply.body.split(b"|") if reply.answer in _ITEMS else []
            if reply.answer is answers.PARTNER_LEFT:
                self._has_partner_left = True
            elif not self._seat.answered(reply.answer, len(items)):
                raise Abandoned(f"GAME_UPDATE was answered with {reply.answer.code}: {reply.answer.words}")
            elif self._seat.is_blocked:
                yield Pause(ASK_EVERY_S)
            for latency_s in self._check(items):
                self._player.ledger.arrived(RELAY, latency_s)

    @property
    def _expected(self) -> frozenset[Answer]:
        expected = _UPDATED
        if self._is_ending:
            expected |= {answers.PARTNER_LEFT}
        return expected | {answers.COUNTER_BEHIND} if self._seat.is_blocked else expected

    def _check(self, items: list[bytes]) -> Iterator[float | None]:
        """The latency of each message that is new."""
        for item in items:
            message = numbered.parse(item)
            if message is None:
                self._checker.altered()
            elif self._checker.arrived(message.number, is_last=message.is_last):
                yield self._player.age_s(message)

    def _quit(self) -> Steps[None]:
        if self._has_partner_left and not self._checker.has_last:
            raise Abandoned("the partner left in the middle of the game")
        yield from ask(self._player, self._seat.farewell, _QUIT)
