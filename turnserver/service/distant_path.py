"""The fast path of GAME_UPDATE over a store in another process: one operation, and no task.

It answers the same updates as `service.fast_path`, and from the same cache of a match; but others may have changed the
match since this process saw it. So the answer is told once the commit that makes it true was carried out, relying on
the player's own seat and on the match; what the partner has sent by then comes back with it. A commit that was refused
brings what has happened meanwhile, and the update is tried once more.

Of one match one commit is under way at a time: who comes next relies on what comes of it.

Held equal to the rules, reply for reply and value for value, by tests/service/test_distant_path.py.

Source: docs/decisions/0037-distant-path.md.
"""

from collections import deque
from collections.abc import Callable

from turnserver.domain.documents import game_partition
from turnserver.messages.relay import GameUpdate
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.service.cached_match import (
    NOTHING_NEW,
    NOTHING_NEW_LINE,
    READY,
    SEAT_TAG,
    UPDATES,
    CachedMatch,
    CachedMatches,
    Seat,
    is_played,
)
from turnserver.service.usage import Usage, command_of
from turnserver.store.redis.moves import Move, Outcome, Told
from turnserver.store.redis.seen import Known
from turnserver.store.redis.store import RedisStore
from turnserver.store.seam import StoreDown

TRIES_MAX = 2
"""How often an update is sent: others may have committed in between, but hardly twice."""

Answered = Callable[[bytes | StoreDown | None], None]
"""Called with the reply, with None where the general way must answer, or with StoreDown where nobody knows.

It must not raise: it is called where the replies of all come in."""


class DistantMatch(CachedMatch[Known]):
    """A cached match, and who waits for its commits."""

    __slots__ = ("is_busy", "queue")

    def __init__(self, kept: Known, forget: Callable[[tuple[bytes, ...]], None]) -> None:
        super().__init__(kept, forget)
        self.is_busy = False
        """Whether a commit is under way."""
        self.queue: deque[_Attempt] = deque()
        """Who comes after it; no more than the requests that are under way, and the lines of their batches."""


class DistantPath:
    """Answers the updates that need no more than the next step.

    Args:
        store: Where the matches are.
        limits: Sizes and the time-outs of play count.
        usage: What is counted.
    """

    def __init__(self, store: RedisStore, limits: Limits, usage: Usage) -> None:
        self._store = store
        self._moves = store.moves
        self._matches = matches = CachedMatches(self._found, limits, DistantMatch)
        self._next_update, self._is_usual, self.learn = matches.next_update, matches.is_usual, matches.learn
        self._usage = usage
        self._counts = usage.command(command_of(GameUpdate))
        self._ttl_ms = limits.match_ttl_ms

    def _found(self, digest: str) -> Known | None:
        return self._store.known(game_partition(digest))

    def update(self, body: bytes, answered: Answered) -> bool:
        """Answer an update; False where the general way must, and nothing was sent.

        Args:
            body: A request's whole body.
            answered: Called once if this returns True; perhaps not before it does. A reply may leave when the store has
                settled.
        """
        found = self._next_update(body)
        return found is not None and self._begin(_Attempt(self, body, answered), *found)

    def _begin(self, attempt: "_Attempt", mine: Seat[Known], text: bytes) -> bool:
        """Send an update, or let it wait for its turn; False if the general way must answer."""
        match = mine.match
        assert isinstance(match, DistantMatch)
        if match.is_busy:
            match.queue.append(attempt)
            return True
        known = match.kept
        link = self._moves.link(known.key)
        if link is None:
            return False
        now_ms, _ = self._moves.times(link)
        items_bytes = len(text) + 1 if text else 0
        if not self._is_usual(mine, items_bytes, now_ms):
            return False
        attempt.match, attempt.mine, attempt.now_ms = match, mine, now_ms
        attempt.items, attempt.items_bytes, attempt.unread = ((text,) if text else ()), items_bytes, mine.unread
        match.is_busy = self._moves.send(link, known, self._move(attempt), attempt.told)
        return match.is_busy

    def _move(self, attempt: "_Attempt") -> Move:
        mine = attempt.mine
        seat = (SEAT_TAG, READY, attempt.now_ms, mine.sent + 1)
        partner = mine.partner
        match_version = mine.match.kept.documents["match"].version
        return Move(
            mine.name,
            mine.writes_before + mine.sent,
            seat,
            mine.outbound,
            partner.handed + len(partner.unread),
            attempt.items,
            mine.inbound,
            mine.handed + len(mine.unread),
            mine.handed if mine.unacknowledged else 0,
            "match",
            match_version,
            self._ttl_ms,
        )

    def told(self, attempt: "_Attempt", told: Told) -> None:
        """An update's commit was answered: answer, or try again, and let the next one of the match go."""
        match, mine, outcome = attempt.match, attempt.mine, told.outcome
        match.is_busy = False
        if isinstance(outcome, StoreDown):
            self._counts[answers.STORE_DOWN.prefix] += 1
            attempt.answered(outcome)
        elif outcome is Outcome.REFUSED:
            self._again(attempt)
        else:
            attempt.answered(self._reply([*attempt.unread, *told.more] if told.more else attempt.unread))
            self._usage.messages += len(attempt.items)
            if outcome is Outcome.DONE:
                more_bytes = attempt.items_bytes - mine.unacknowledged_bytes
                mine.take(1, attempt.items, attempt.items_bytes, attempt.now_ms)
                self._moves.memory.moved(match.kept, told.rev, more_bytes)
            else:
                self._read_again(match)
        while match.queue and not match.is_busy:
            self._retry(match.queue.popleft())

    def _reply(self, told: list[bytes]) -> bytes:
        if not told:
            self._counts[NOTHING_NEW] += 1
            return NOTHING_NEW_LINE
        self._counts[UPDATES] += 1
        return UPDATES + (told[0] if len(told) == 1 else b"|".join(told))

    def _again(self, attempt: "_Attempt") -> None:
        self._read_again(attempt.match)
        attempt.tries += 1
        if attempt.tries < TRIES_MAX:
            self._retry(attempt)
        else:
            attempt.answered(None)

    def _retry(self, attempt: "_Attempt") -> None:
        found = self._next_update(attempt.body)
        if found is None or not self._begin(attempt, *found):
            attempt.answered(None)

    def _read_again(self, match: DistantMatch) -> None:
        """Others have changed the match: go on from what is known now, if it can be gone on from."""
        known = match.kept
        if self._moves.memory.find(known.name) is known and is_played(known):
            match.write_back()
            match.read()

    @property
    def known(self) -> int:
        """How many players' updates may take the fast path."""
        return self._matches.known


class _Attempt:
    """An update on its way."""

    __slots__ = ("_path", "answered", "body", "items", "items_bytes", "match", "mine", "now_ms", "tries", "unread")

    match: DistantMatch
    mine: Seat[Known]
    items: tuple[bytes, ...]
    items_bytes: int
    unread: list[bytes]
    """What it is told if it is carried out."""
    now_ms: int

    def __init__(self, path: DistantPath, body: bytes, answered: Answered) -> None:
        self._path = path
        self.body = body
        self.answered = answered
        self.tries = 0

    def told(self, told: Told) -> None:
        """See `Moves.send`."""
        self._path.told(self, told)
