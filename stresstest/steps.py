"""What a simulated player does, as a generator that does no I/O itself.

A generator of this kind *yields* what is to be done next (a post, a pause) and is *sent* what came of it. Whoever
performs it, an asyncio task here or a greenlet of locust, knows nothing of the game.
"""

from collections.abc import Callable, Generator
from typing import NamedTuple, TypeVar

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.symbols import Symbol

FIRST_REPEAT_S = 0.1
"""How long a player pauses before it repeats a request that got no reply; each time twice as long as before."""

REPEAT_S_MAX = 2.0
"""The longest such pause."""

GIVE_UP_S = 30.0
"""How long a player repeats one request: as long as a server keeps a silent player."""

_COME_LATER = (answers.TOO_MANY_REQUESTS, answers.STORE_DOWN)


class Post(NamedTuple):
    """Post `line`, once."""

    symbol: Symbol
    line: bytes
    expected: frozenset[Answer]
    """The answers that are no error here."""


class Pause(NamedTuple):
    """Do nothing for a while."""

    seconds: float


class Missed(NamedTuple):
    """No reply came that is one: the request may have reached the server, or not."""

    why: str


Outcome = Reply | Missed | None
"""What is sent into the generator: what came of a post; None after a pause."""

T = TypeVar("T")
Steps = Generator[Post | Pause, Outcome, T]


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
    gives_up_s = clock() + GIVE_UP_S
    pause_s = FIRST_REPEAT_S
    outcome = yield post
    while not isinstance(outcome, Reply) or outcome.answer in _COME_LATER:
        if clock() + pause_s > gives_up_s:
            raise Abandoned(f"no answer to {post.symbol.name} for {GIVE_UP_S:.0f} s")
        yield Pause(pause_s)
        pause_s = min(2 * pause_s, REPEAT_S_MAX)
        outcome = yield post
    return outcome
