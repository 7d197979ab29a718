"""One request, posted until its reply is heard: the retries, as a generator that does no I/O itself.

A generator of this kind *yields* what is to be posted and is *sent* what came of it; whoever performs it (a thread, a
coroutine, a simulation in a test) knows nothing of the protocol. Its value at the end is the result.
"""

from collections.abc import Generator
from http import HTTPStatus
from typing import NamedTuple, TypeVar

from turnserver.client.errors import (
    ProtocolError,
    ServerBusy,
    TooManyRequests,
    TurnserverError,
    Unreachable,
)
from turnserver.client.timing import Timing
from turnserver.messages.reply import Reply
from turnserver.messages.requests import Request
from turnserver.wire import replies, requests


class Post(NamedTuple):
    """Pause, then post `line` once, on a connection that no unanswered request is under way on."""

    line: bytes
    wait_s: int = 0
    """How long the server may hold the answer."""
    pause_s: float = 0.0
    """How long to pause before, at least."""


class Heard(NamedTuple):
    """A reply came."""

    http: int
    line: bytes
    retry_after_s: int
    """What the header `Retry-After` asks for, 0 without."""
    took_s: float
    """How long it took, pause included."""


class Missed(NamedTuple):
    """No reply came: the request may have reached the server, or not."""

    why: str
    took_s: float
    was_sent: bool = True
    """False if no connection came about: the server cannot have the request."""


def reason(url: str, error: Exception) -> str:
    """Why no reply came from `url`, in the words of the system or the library where there are any."""
    words = error.strerror if isinstance(error, OSError) else None
    return f"{url}: {words or str(error) or type(error).__name__}"


T = TypeVar("T")
Steps = Generator[Post, Heard | Missed, T]
"""Posts to perform, in order; the generator's value is a `T`."""


class Answer(NamedTuple):
    """A reply, and how long it took from the first post on."""

    reply: Reply
    took_s: float
    retry_after_s: int
    is_repeat: bool
    """True if an earlier copy may have been carried out: no reply came, or what stands before the server answered."""


def exchange(
    request: Request,
    timing: Timing,
    *,
    give_up_s: float,
    wait_s: int = 0,
    pause_s: float = 0.0,
    repeats_max: int | None = None,
) -> Steps[Answer]:
    """Post `request` until its reply is heard.

    Args:
        request: What to post: the very same bytes each time.
        timing: The pauses between repeats.
        give_up_s: How long to try.
        wait_s: How long the server may hold the answer; a repeat is not held, it tells at once that all is well.
        pause_s: The pause before the first post.
        repeats_max: How often to repeat it at most where an earlier copy may have been carried out; None is as often as
            `give_up_s` allows.

    Raises:
        Unreachable: No reply came in time, or ServerBusy: none but "come later", or TooManyRequests: the same, to this
            client.
        ProtocolError: What came is no reply of this protocol.
    """
    line = requests.line(request)
    outcome = yield Post(line, wait_s, pause_s)
    took_s = outcome.took_s
    silent_s = max(0.0, took_s - pause_s - wait_s)
    copies = 0  # posts that may have been carried out
    for next_pause_s in timing.pauses():
        if isinstance(outcome, Heard) and not _is_overload(outcome):
            break
        repeat_pause_s = max(next_pause_s, outcome.retry_after_s) if isinstance(outcome, Heard) else next_pause_s
        copies += _may_be_done(outcome)
        is_often = repeats_max is not None and copies > repeats_max
        if is_often or silent_s + repeat_pause_s >= give_up_s:
            raise _failure(outcome, silent_s)
        outcome = yield Post(line, 0, repeat_pause_s)
        took_s += outcome.took_s
        silent_s += outcome.took_s
    assert isinstance(outcome, Heard)
    return Answer(_reply(outcome), took_s, outcome.retry_after_s, is_repeat=copies > 0)


def _is_overload(heard: Heard) -> bool:
    """True for the server's 429 and 503, and for the 5xx and 408 of whatever stands before it."""
    return heard.http in (408, 429) or heard.http >= 500


def _may_be_done(outcome: Heard | Missed) -> bool:
    """True unless it is sure that the request was not carried out."""
    return outcome.was_sent if isinstance(outcome, Missed) else outcome.http != HTTPStatus.TOO_MANY_REQUESTS


def _reply(heard: Heard) -> Reply:
    try:
        return replies.parse(heard.line)
    except ValueError as error:
        raise ProtocolError(f"{error} (HTTP status {heard.http})") from None


def _failure(outcome: Heard | Missed, silent_s: float) -> TurnserverError:
    if isinstance(outcome, Missed):
        return Unreachable(f"no reply for {silent_s:.0f} s: {outcome.why}")
    if outcome.http == HTTPStatus.TOO_MANY_REQUESTS:
        words = f"too many requests: again in {outcome.retry_after_s} s (HTTP status {outcome.http})"
        return TooManyRequests(words, retry_after_s=outcome.retry_after_s)
    words = f"the server is too busy for {silent_s:.0f} s already (HTTP status {outcome.http})"
    return ServerBusy(words, retry_after_s=outcome.retry_after_s)
