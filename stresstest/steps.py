"""What a simulated player does, as a generator that does no I/O itself.

A generator of this kind *yields* what is to be done next (a post, a pause, several things at a time) and is *sent* what
came of it. Whoever performs it, an asyncio task here or a greenlet of locust, knows nothing of the game.
"""

from collections.abc import Callable, Generator
from typing import NamedTuple, TypeVar, Union

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.symbols import Symbol

FIRST_REPEAT_S = 0.1
"""How long a player pauses before it repeats a request that got no reply; each time twice as long as before."""

REPEAT_S_MAX = 2.0
"""The longest such pause, unless the server asks for a longer one."""

LATER_S_MAX = 15.0
"""The longest pause that a server can ask for."""

GIVE_UP_S = 30.0
"""How long a player repeats one request: as long as a server keeps a silent player."""

COME_LATER = frozenset((answers.TOO_MANY_REQUESTS, answers.STORE_DOWN))
"""Answers after which the very same request is posted again, a little later."""


_HELD = ", held"


class Post(NamedTuple):
    """Post `line`, once."""

    symbol: Symbol
    line: bytes
    expected: frozenset[Answer]
    """The answers that are no error here."""
    wait_s: int = 0
    """How long the server may hold the answer if there is nothing to say."""
    later: frozenset[Answer] = COME_LATER
    """The answers after which `until_answered` posts it again."""

    @property
    def row(self) -> str:
        """Under which name its latency is counted: a reply that is held on purpose is not late."""
        return held(self.symbol.name) if self.wait_s else self.symbol.name


def held(symbol: str) -> str:
    """The name of the requests of a symbol that may be held."""
    return symbol + _HELD


def is_held(row: str) -> bool:
    """True for a name that `held` gave."""
    return row.endswith(_HELD)


class Pause(NamedTuple):
    """Do nothing for a while."""

    seconds: float


class Together(NamedTuple):
    """Perform all of these at the same time, each over a connection of its own; go on when all have come to an end.

    If some were given up, the first of these reasons is raised in the generator's performer once all have ended: each
    hand sees for itself that another has failed.
    """

    hands: "tuple[Steps[None], ...]"


class Missed(NamedTuple):
    """No reply came that is one: the request may have reached the server, or not."""

    why: str


Outcome = Reply | Missed | None
"""What is sent into the generator: what came of a post; None after all else."""

T = TypeVar("T")
Step = Union[Post, Pause, Together]  # noqa: UP007  # a name in quotes has no `|`
Steps = Generator[Step, Outcome, T]


class Abandoned(Exception):
    """The player gives this game up; the message says why."""


def until_answered(post: Post, clock: Callable[[], float]) -> Steps[Reply]:
    """Post until a reply comes that is not "come later".

    Args:
        post: What to post: the very same bytes each time.
        clock: Seconds, from any beginning.

    Raises:
        Abandoned: None came for `GIVE_UP_S`.
    """
    gives_up_s = clock() + post.wait_s + GIVE_UP_S
    pause_s = FIRST_REPEAT_S
    outcome = yield post
    while not isinstance(outcome, Reply) or outcome.answer in post.later:
        if clock() + pause_s > gives_up_s:
            raise Abandoned(f"no answer to {post.symbol.name} for {GIVE_UP_S:.0f} s")
        yield Pause(max(pause_s, _asked_s(outcome)))
        pause_s = min(2 * pause_s, REPEAT_S_MAX)
        outcome = yield post
    return outcome


def _asked_s(outcome: Outcome) -> float:
    """The pause that a server asks for; 0 if it does not."""
    if not isinstance(outcome, Reply) or outcome.answer is not answers.TOO_MANY_REQUESTS:
        return 0.0
    return min(float(outcome.body), LATER_S_MAX) if outcome.body.isdigit() else 0.0
