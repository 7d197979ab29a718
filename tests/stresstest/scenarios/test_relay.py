"""Relay players against a tiny relay, without a network and with a clock that only pauses move."""

import random
from collections.abc import Callable

import pytest

from stresstest.checker import Verdict
from stresstest.scenarios import relay
from stresstest.scenarios.player import Player
from stresstest.steps import Abandoned, Missed, Outcome, Post, Steps
from tests.stresstest.bad_relay import BadRelay, Fault, doubling, honest, losing
from turnserver.protocol.symbols import Symbol
from turnserver.wire import replies

RUN_S = 60.0
STEPS_MAX = 20_000


class Ledger:
    def __init__(self) -> None:
        self.latencies: list[float | None] = []
        self.verdict = Verdict()
        self.whole = 0
        self.abandoned: list[str] = []
        self.symbols: list[Symbol] = []

    def arrived(self, latency_s: float | None) -> None:
        self.latencies.append(latency_s)

    def settled(self, verdict: Verdict, *, is_whole: bool) -> None:
        self.verdict += verdict
        self.whole += is_whole


class World:
    """Performs the steps of several players, whoever is due next."""

    def __init__(
        self, fault: Fault = honest, *, over_s: float = RUN_S, loses_reply: Callable[[bytes], bool] = lambda _: False
    ) -> None:
        self.relay = BadRelay(fault)
        self._loses_reply = loses_reply
        self.now_s = 0.0
        self.over_s = over_s
        self.ledger = Ledger()
        self._due: list[tuple[float, int, Steps[None]]] = []

    def add(self, *, rate: float = 10, game_s: float = 2.0, is_exact: bool = True) -> None:
        index = len(self._due)
        player = Player(
            name=f"p{index}",
            host="here",
            rate=rate,
            game_s=game_s,
            size_bytes=40,
            is_exact=is_exact,
            clock=lambda: self.now_s,
            is_over=lambda: self.now_s >= self.over_s,
            chance=random.Random(index),
            ledger=self.ledger,
        )
        self._due.append((0.0, index, relay.game(player)))

    def run(self) -> None:
        for _ in range(STEPS_MAX):
            if not self._due:
                return
            self._due.sort(key=lambda due: due[:2])
            due_s, index, steps = self._due.pop(0)
            self.now_s = max(self.now_s, due_s)
            try:
                self._due.append((self._until_pause(steps), index, steps))
            except StopIteration:
                continue
            except Abandoned as why:
                self.ledger.abandoned.append(str(why))
        raise AssertionError("the game does not end")

    def _until_pause(self, steps: Steps[None]) -> float:
        """When a player is due again; at least a little later, or a player without pauses would play alone."""
        outcome: Outcome = None
        step = steps.send(outcome)
        if not isinstance(step, Post):
            return self.now_s + max(step.seconds, 0.001)
        while isinstance(step, Post):
            self.ledger.symbols.append(step.symbol)
            reply = replies.parse(self.relay.answer(step.line))
            step = steps.send(Missed("lost") if self._loses_reply(step.line) else reply)
        return self.now_s + max(step.seconds, 0.001)


def played(fault: Fault = honest, *, players: int = 2, is_exact: bool = True, over_s: float = RUN_S) -> Ledger:
    world = World(fault, over_s=over_s)
    for _ in range(players):
        world.add(is_exact=is_exact)
    world.run()
    return world.ledger


@pytest.mark.parametrize("is_exact", [True, False])
def test_two_players_exchange_everything_and_quit(is_exact: bool) -> None:  # noqa: FBT001  # a table's column
    ledger = played(is_exact=is_exact)

    assert ledger.abandoned == []
    assert ledger.whole == 2
    assert ledger.verdict == Verdict(sent=ledger.verdict.sent, received=ledger.verdict.sent)
    assert 30 <= ledger.verdict.sent <= 50
    assert ledger.symbols.count(Symbol.GAME_QUIT) == 2


def test_a_message_takes_from_when_it_was_due_to_when_its_reader_asks_next() -> None:
    latencies = [latency_s for latency_s in played().latencies if latency_s is not None]

    assert 0 <= min(latencies) < max(latencies) < 0.3


def test_who_finds_no_partner_unregisters_when_it_is_all_over() -> None:
    ledger = played(players=1, over_s=5)

    assert ledger.symbols[-1] is Symbol.UNREGISTER
    assert (ledger.whole, ledger.abandoned, ledger.verdict) == (0, [], Verdict())


def test_when_it_is_all_over_games_come_to_an_end_without_a_loss() -> None:
    ledger = played(over_s=1.5)

    assert (ledger.whole, ledger.verdict.lost, ledger.abandoned) == (2, 0, [])


def test_a_last_message_whose_reply_was_lost_has_arrived_if_the_partner_left_after_it() -> None:
    last_messages: list[bytes] = []

    def is_the_second_players_last(line: bytes) -> bool:
        if line.startswith(b"6,e"):
            last_messages.append(line)
        return line.startswith(b"6,e") and len(last_messages) == 2

    world = World(loses_reply=is_the_second_players_last)
    world.add()
    world.add()
    world.run()

    assert last_messages[1] == last_messages[2]
    assert (world.ledger.whole, world.ledger.abandoned) == (2, [])
    assert world.ledger.verdict.is_clean


def test_lost_messages_are_found() -> None:
    assert played(losing, is_exact=False).verdict.lost > 0


def test_doubled_messages_are_found() -> None:
    assert played(doubling, is_exact=False).verdict.doubled > 0


def test_a_lost_end_of_a_stream_is_a_loss_and_ends_the_game() -> None:
    ledger = played(lambda before, updates: updates if before < 10 else [])

    assert ledger.abandoned
    assert ledger.whole == 0
    assert ledger.verdict.lost > 0
