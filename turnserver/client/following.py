"""Reading exactly once and in order: a list is followed by its cursor, which is handed back with the next request.

Source: docs/protocol.md, "Cursors".
"""

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from turnserver.client.errors import Closed, MessagesLost, refusal
from turnserver.client.exchange import Steps, exchange
from turnserver.client.seating import understood
from turnserver.client.timing import Timing
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Reply
from turnserver.messages.requests import Request
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.wire import cursor as cursors

M = TypeVar("M")
"""What a list is of."""


CLOSED = b"closed"
"""What the reader of an inbox is told whose message session was closed from elsewhere."""


NEWS_MAX = 1_000
"""How many of the news are kept for who does not take them, beyond one reply: of a chat, where one only speaks."""


class Reading(NamedTuple, Generic[M]):
    """A list that is followed."""

    request: Callable[[Cursor | None], Request]
    """The poll for what comes after a cursor; None is the beginning of what is kept."""
    expected: Answer
    """What brings news, and so does LOST."""
    parse: Callable[[bytes], tuple[Cursor, list[M]]]
    """A body to the cursor to hand back next and the news, oldest first; a ValueError for one that makes no sense."""


class Following(Generic[M]):
    """Where a reader of one list stands, and the news that came and were not taken yet.

    Steps are performed one after the other; those that fail or are dropped half-way leave the place where it was.
    `take` and `take_one` may be called at any time, by one reader.

    Args:
        reading: The list.
        after: The place to go on from, as a `Message` has it; None is the beginning of what is kept.
        timing: The patience.

    Raises:
        ValueError: `after` is no place.
    """

    def __init__(self, reading: Reading[M], after: str | None, timing: Timing) -> None:
        self._reading = reading
        self._cursor = None if after is None else _place(after)
        self._timing = timing
        self._news: deque[M | None] = deque()  # None is a gap
        self._at_news = Lock()
        self._was_heard = False
        self._rest_s = 0.0

    @property
    def has_news(self) -> bool:
        """True if something is there to be taken."""
        return bool(self._news)

    def take(self) -> list[M]:
        """All news that are there, oldest first, up to a gap.

        Raises:
            MessagesLost: Once, before the news behind a gap.
        """
        taken: list[M] = []
        with self._at_news:
            while self._news and self._news[0] is not None:
                taken.append(self._news[0])
                self._news.popleft()
            if not taken:
                self._pass_gap()
        return taken

    def take_one(self) -> M | None:
        """The oldest that is there; None if there is none.

        Raises:
            MessagesLost: As for `take`.
        """
        with self._at_news:
            self._pass_gap()
            return self._news.popleft() if self._news else None

    def poll(self, wait_s: float) -> Steps[None]:
        """Ask for what is new, which says that everything before was taken: only for who has taken it all.

        Args:
            wait_s: How long the caller waits: the server may hold the answer for so long, or for `Timing.hold_s`. Who
                does not wait (0) is answered at once, however quick the poll before was.

        Raises:
            Closed: The inbox was closed from elsewhere; the place is kept, and stays closed.
            TurnserverError: As `refusal` and `exchange` raise; the place is kept.
        """
        assert not self.has_news
        yield from self._ask(wait_s)

    def _ask(self, wait_s: float) -> Steps[list[M]]:
        """The same for who may go on without having taken all; what came."""
        give_up_s = self._timing.give_up_s if self._was_heard else self._timing.first_reply_s
        pause_s, self._rest_s = (self._rest_s, 0.0) if wait_s else (0.0, self._rest_s)
        answer = yield from exchange(
            self._reading.request(self._cursor),
            self._timing,
            give_up_s=give_up_s,
            wait_s=int(min(wait_s, self._timing.hold_s)),
            pause_s=pause_s,
        )
        self._was_heard = True
        if self._is_lost(answer.reply):
            return (yield from self._ask(0))
        came = self._hear(answer.reply)
        if wait_s and not self.has_news:  # a server that does not hold is not to be asked without end
            self._rest_s = max(0.0, self._timing.rest_s - answer.took_s)
        return came

    def _is_lost(self, reply: Reply) -> bool:
        """True where the server does not know the place, as one that lost its state: it is the beginning then."""
        if reply.answer is not answers.BAD_CURSOR or self._cursor is None:
            return False
        if reply.body == CLOSED:
            raise Closed("the inbox was closed from elsewhere: whoever opens it again reads on")
        self._cursor = None
        self._keep([], is_lost=True)
        return True

    def _hear(self, reply: Reply) -> list[M]:
        if reply.answer is answers.NOTHING_NEW:
            return []
        if reply.answer not in (self._reading.expected, answers.LOST):
            raise refusal(reply)
        self._cursor, came = understood(self._reading.parse, reply.body)
        self._keep(came, is_lost=reply.answer is answers.LOST)
        return came

    def _keep(self, came: list[M], *, is_lost: bool) -> None:
        """Keep what came, behind a gap if something before it is lost; the oldest make room for it."""
        with self._at_news:
            excess = min(len(self._news) + len(came) - NEWS_MAX, len(self._news))
            for _ in range(excess):
                self._news.popleft()
            self._news.extend([None, *came] if is_lost else came)
            if excess > 0 and self._news and self._news[0] is not None:
                self._news.appendleft(None)

    def _pass_gap(self) -> None:
        if self._news and self._news[0] is None:
            self._news.popleft()
            raise MessagesLost("messages were let go of before they were read; what follows came after them")


def _place(after: str) -> Cursor:
    cursor = cursors.parse(after)
    if cursor is None:
        raise ValueError(f"not the place of a message: {after!r}")
    return cursor
