"""The fast path of GAME_UPDATE: what nearly every request is, in a small part of the time.

The rules (`domain.relay`) look at frozen values and decide on a batch, which a store carries out. That keeps them
plain, and costs several times what is left of a request. Nearly every update is of one kind: the next counter, from a
player who has received all that was handed out, in a game that lives and in which nobody waits. For these a match of
the store in this process is cached in a form that an update changes in place, and is written back when anybody else
looks at it. Everything else goes the general way.

Held equal to the rules, reply for reply and value for value, by tests/service/test_fast_path.py.

Source: docs/decisions/0028-fast-path.md.
"""

from turnserver.domain.documents import game_partition
from turnserver.messages.relay import GameUpdate
from turnserver.protocol.limits import Limits
from turnserver.service.cached_match import (
    NOTHING_NEW,
    NOTHING_NEW_LINE,
    READY,
    SEAT_TAG,
    SYMBOL,
    UPDATES,
    CachedMatches,
    Seat,
)
from turnserver.service.usage import Usage, command_of
from turnserver.store.entries import MOVE
from turnserver.store.memory import MemoryStore, Partition

_FURTHER = b"\n" + NOTHING_NEW_LINE
_NEXT_LINE = b"\n" + SYMBOL
_CARRIAGE_RETURN = b"\r"


class FastPath:
    """Answers the updates that need no more than the next step.

    Args:
        store: Where the matches are; in this process.
        limits: Sizes and the time-outs of play count.
        usage: What is counted.
    """

    def __init__(self, store: MemoryStore, limits: Limits, usage: Usage) -> None:
        self._store = store
        self._now_ms = store.now_ms
        self._note = store.note if store.notes else None
        self._matches = matches = CachedMatches(self._found, limits)
        self._next_update, self._is_usual, self.learn = matches.next_update, matches.is_usual, matches.learn
        self._usage = usage
        self._counts = usage.command(command_of(GameUpdate))
        self._body_bytes_max = limits.body_bytes_max
        self._batch_lines_max = limits.batch_lines_max
        self._page_ends_ms = 0

    def _found(self, digest: str) -> Partition | None:
        """The game of a key that has this digest, if nobody waits in it."""
        partition = self._store.partition(game_partition(digest))
        return None if partition is None or partition.waits else partition

    def update(self, body: bytes) -> bytes | None:
        """The reply to an update, or None where the general way must answer: then nothing was changed.

        Args:
            body: A request's whole body, or a line of a batch. The reply may leave when the store has settled.
        """
        found = self._next_update(body)
        if found is None:
            return None
        mine, text = found
        return self._take(mine, 1, (text,), len(text) + 1) if text else self._take(mine, 1, (), 0)

    def batch(self, body: bytes) -> bytes | None:
        """The replies to a batch that is one player's next updates, or None for any other: then nothing was changed.

        Args:
            body: Lines, each but the last with a line feed after it; the last may have one.

        Returns:
            The replies, joined by line feeds; they may leave when the store has settled.
        """
        if len(body) > self._body_bytes_max or _CARRIAGE_RETURN in body or not body.isascii():
            return None  # a longer one may have a line that is too long
        lines = body.removesuffix(b"\n")
        try:
            mine = self._matches.seats[lines.rsplit(b",", 3)[1]]
        except (IndexError, KeyError):
            return None
        texts = _texts_of_next(lines, mine)
        if not 1 <= len(texts) <= self._batch_lines_max:
            return None
        items = tuple(filter(None, texts))
        reply = self._take(mine, len(texts), items, sum(map(len, items)) + len(items))
        return reply and reply + _FURTHER * (len(texts) - 1)

    def _take(self, mine: Seat[Partition], count: int, items: tuple[bytes, ...], items_bytes: int) -> bytes | None:
        """Take a player's next update, or several at once: to those after the first nothing new can be told.

        Args:
            mine: Whose.
            count: How many updates.
            items: What they bring.
            items_bytes: How long that is, with one more for each.

        Returns:
            The reply to the first; None where the general way must answer, and nothing was changed.
        """
        partition, now_ms = mine.match.kept, self._now_ms()
        if partition.waits or self._store.is_failing or not self._is_usual(mine, items_bytes, now_ms):
            return None
        if now_ms >= self._page_ends_ms:
            self._store.turn_pages(now_ms)
            self._page_ends_ms = now_ms - now_ms % 1000 + 1000

        releases = mine.handed if mine.unacknowledged else 0
        told = mine.take(count, items, items_bytes, now_ms)
        if told:
            reply = UPDATES + (told[0] if len(told) == 1 else b"|".join(told))
            self._counts[UPDATES] += 1
        else:
            reply = NOTHING_NEW_LINE
            self._counts[NOTHING_NEW] += 1
        if count > 1:
            self._counts[NOTHING_NEW] += count - 1
            if told:
                releases = mine.handed
        if items:
            self._usage.messages += len(items)
        partition.ends_ms = now_ms + partition.ttl_ms  # type: ignore[operator]  # a match always has one
        if self._note is not None:
            seat = (SEAT_TAG, READY, now_ms, mine.sent, mine.handed)
            move = (MOVE, partition.name, mine.name, seat, mine.outbound, items, mine.inbound, releases)
            self._note(partition, move)
        return reply

    @property
    def known(self) -> int:
        """How many players' updates may take the fast path."""
        return self._matches.known


def _texts_of_next(lines: bytes, mine: Seat[Partition]) -> list[bytes]:
    """What a player's next updates bring; nothing if the lines are anything else.

    Args:
        lines: In plain ASCII, without the line feed at the end.
        mine: Whose updates they should be.
    """
    if mine.next_counter is None:
        return []
    # Split where the names stand, each part is the end of a line and the beginning of the next, but for its data.
    parts = (lines + _NEXT_LINE).split(mine.names)
    counter = b"%%d.%d" % (mine.handed + len(mine.unread)) if mine.is_exact else b"%d"
    start, later = counter + _NEXT_LINE, range(mine.sent + 2, mine.sent + len(parts))
    starts = [SYMBOL, mine.next_counter + _NEXT_LINE, *[start % sent for sent in later]]
    if not all(map(bytes.startswith, parts, starts)) or lines.count(b"\n") + 2 != len(parts):
        return []
    return list(map(bytes.removeprefix, parts, starts))[:-1]  # nothing can stand after the last counter
