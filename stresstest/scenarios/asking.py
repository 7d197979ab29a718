"""What the players of all scenarios do: ask until answered, hold a session, keep a pace."""

from collections.abc import Callable

from stresstest.scenarios.player import Player, Session
from stresstest.steps import COME_LATER, Abandoned, Post, Steps, until_answered
from turnserver.messages.reply import Reply
from turnserver.messages.requests import Request
from turnserver.messages.sessions import Guest
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.symbols import Symbol
from turnserver.wire import requests
from turnserver.wire.room_replies import parse_opened

WAIT_S = 10
"""How long the server may hold an answer: well below the 30 s after which a player counts as silent."""

LOOK_S = 1.0
"""How often a player that pauses looks whether it is all over."""

_NONE: frozenset[Answer] = frozenset()
_OPENED = frozenset((answers.GUEST,))


def ask(
    player: Player,
    request: Request,
    expected: frozenset[Answer],
    *,
    wait_s: int = 0,
    later: frozenset[Answer] = COME_LATER,
    bearable: frozenset[Answer] = _NONE,
) -> Steps[Reply]:
    """The answer to a request.

    Args:
        player: Who asks.
        request: What to post until it is answered.
        expected: The answers that are no error here.
        wait_s: How long the server may hold the answer.
        later: The answers after which it is posted again; those of them that are expected are no errors.
        bearable: Answers that are errors here, but no reason to give the game up.

    Raises:
        Abandoned: Any other answer came, or none for too long.
    """
    line = requests.line(request)
    symbol = Symbol(line[: line.index(b",")].decode())
    reply = yield from until_answered(Post(symbol, line, expected, wait_s, later), player.clock)
    if reply.answer not in expected and reply.answer not in bearable:
        if reply.answer is answers.NO_RIGHT:
            player.sessions.clear()  # it ended, or the server has forgotten it: the next game opens another
        raise Abandoned(f"{symbol.name} was answered with {reply.answer.code}: {reply.answer.words}")
    return reply


def session(player: Player, use: str = "player") -> Steps[Session]:
    """The player's session for a use; a guest's, opened the first time.

    Raises:
        Abandoned: None could be opened.
    """
    if use not in player.sessions:
        reply = yield from ask(player, Guest(), _OPENED)
        opened = parse_opened(reply.body)
        player.sessions[use] = Session(token=opened.token, name=opened.name)
    return player.sessions[use]


class Patience:
    """How long a player goes on after something that should be the end.

    Args:
        clock: The player's.
        seconds: From the first look on.
        what: What is missing, in the words that end the game.
    """

    def __init__(self, clock: Callable[[], float], seconds: float, what: str) -> None:
        self._clock, self._seconds, self._what = clock, seconds, what
        self._ends_s: float | None = None

    def check(self) -> None:
        """Look at the clock.

        Raises:
            Abandoned: It took too long.
        """
        if self._ends_s is None:
            self._ends_s = self._clock() + self._seconds
        elif self._clock() > self._ends_s:
            raise Abandoned(f"{self._what} for {self._seconds:.0f} s")


class Pace:
    """When the messages of a game are due.

    Args:
        player: Its clock, and its chance: the first message comes at any time within one interval.
        rate: Messages a second; 0 for each as soon as the one before is through.
    """

    def __init__(self, player: Player, rate: float) -> None:
        self._clock = player.clock
        self._interval_s = 1 / rate if rate else 0.0
        self.due_s = player.clock() + player.chance.uniform(0, self._interval_s)

    @property
    def pause_s(self) -> float:
        """How long it is until the next message is due; 0 if it is late."""
        return max(0.0, self.due_s - self._clock())

    def sent(self) -> None:
        """The message that was due is through. One that came late does not move the next."""
        self.due_s = self.due_s + self._interval_s if self._interval_s else self._clock()
