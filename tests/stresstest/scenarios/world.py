"""Players of any scenario against a server that is a plain call, with a clock that only pauses and holds move."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from stresstest.checker import Verdict
from stresstest.scenarios.player import Player
from stresstest.steps import Abandoned, Missed, Outcome, Pause, Post, Steps
from turnserver.protocol import answers
from turnserver.protocol.symbols import Symbol
from turnserver.wire import replies

RUN_S = 60.0
STEPS_MAX = 50_000

HOLD_S = 0.05
"""How soon a held request that brought nothing is answered: the world does not know when something happens."""

Game = Callable[[Player], Steps[None]]
Answer = Callable[[bytes], bytes]


class Ledger:
    """What all players of a world found, together."""

    def __init__(self) -> None:
        self.latencies: list[float | None] = []
        self.turns: list[float] = []
        self.verdict = Verdict()
        self.kinds: set[str] = set()
        self.whole = 0
        self.abandoned: list[str] = []
        self.symbols: list[Symbol] = []

    def arrived(self, kind: str, latency_s: float | None) -> None:
        self.kinds.add(kind)
        self.latencies.append(latency_s)

    def turned(self, latency_s: float) -> None:
        self.turns.append(latency_s)

    def settled(self, kind: str, verdict: Verdict, *, is_whole: bool) -> None:
        self.kinds.add(kind)
        self.verdict += verdict
        self.whole += is_whole


@dataclass
class Hand:
    """Steps under way, and who goes on when they have ended."""

    steps: Steps[None]
    parent: "Hand | None" = None
    due_s: float = 0.0
    outcome: Outcome = None
    children: int = 0
    failure: Abandoned | None = field(default=None)


class World:
    """Performs the steps of several players, whoever is due next.

    Args:
        answer: The server: a reply line to each request line.
        over_s: When the run is over.
        loses_reply: Whose replies nobody hears.
    """

    def __init__(
        self, answer: Answer, *, over_s: float = RUN_S, loses_reply: Callable[[bytes], bool] = lambda _: False
    ) -> None:
        self._answer = answer
        self._loses_reply = loses_reply
        self.now_s = 0.0
        self.over_s = over_s
        self.ledger = Ledger()
        self._hands: list[Hand] = []
        self._players = 0

    def add(
        self,
        game: Game,
        *,
        rate: float | None = 10,
        game_s: float = 2.0,
        is_exact: bool = True,
        size_bytes: int = 40,
        run: str = "run",
    ) -> Player:
        """A player who plays one game."""
        index = self._players
        self._players += 1
        player = Player(
            run=run,
            number=index,
            seats=4,
            host="here",
            rate=rate,
            game_s=game_s,
            size_bytes=size_bytes,
            is_exact=is_exact,
            clock=lambda: self.now_s,
            is_over=lambda: self.now_s >= self.over_s,
            chance=random.Random(index),
            ledger=self.ledger,
        )
        self.perform(game(player))
        return player

    def perform(self, steps: Steps[None]) -> None:
        """Perform more steps."""
        self._hands.append(Hand(steps, due_s=self.now_s))

    def run(self) -> Ledger:
        """Perform everything to its end."""
        for _ in range(STEPS_MAX):
            runnable = [hand for hand in self._hands if not hand.children]
            if not runnable:
                return self.ledger
            hand = min(runnable, key=lambda hand: hand.due_s)
            self.now_s = max(self.now_s, hand.due_s)
            try:
                if hand.failure is not None:
                    hand.steps.close()
                    raise hand.failure
                self._until_pause(hand)
            except StopIteration:
                self._ended(hand, None)
            except Abandoned as why:
                self._ended(hand, why)
        raise AssertionError("the game does not end")

    def _ended(self, hand: Hand, why: Abandoned | None) -> None:
        self._hands.remove(hand)
        if hand.parent is None:
            self.ledger.abandoned.extend([str(why)] if why else [])
            return
        hand.parent.children -= 1
        hand.parent.failure = hand.parent.failure or why
        hand.parent.due_s = self.now_s

    def _until_pause(self, hand: Hand) -> None:
        """Until a player is due again: at least a little later, or a player without pauses would play alone."""
        while True:
            step, hand.outcome = hand.steps.send(hand.outcome), None
            if isinstance(step, Post):
                if self._posted(hand, step):
                    hand.due_s = self.now_s + HOLD_S
                    return
            elif isinstance(step, Pause):
                hand.due_s = self.now_s + max(step.seconds, 0.001)
                return
            else:
                hand.children = len(step.hands)
                self._hands.extend(Hand(steps, hand, self.now_s) for steps in step.hands)
                return

    def _posted(self, hand: Hand, post: Post) -> bool:
        """Post, and keep what came; True if it was held in vain."""
        self.ledger.symbols.append(post.symbol)
        reply = replies.parse(self._answer(post.line))
        hand.outcome = Missed("lost") if self._loses_reply(post.line) else reply
        return bool(post.wait_s) and reply.answer is answers.NOTHING_NEW
