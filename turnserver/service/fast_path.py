"""The fast path of GAME_UPDATE: what nearly every request is, in a small part of the time.

The rules (`domain.relay`) look at frozen values and decide on a batch, which a store carries out. That keeps them
plain, and costs several times what is left of a request. Nearly every update is of one kind: the next counter, from a
player who has received all that was handed out, in a game that lives. For these a match of the store in this process
is cached in a form that an update changes in place, and is written back when anybody else looks at it. An update that
is willing to wait is held at once, and is answered by the partner's next one. Everything else goes the general way.

Held equal to the rules, reply for reply and value for value, by tests/service/test_fast_path.py and
tests/service/test_held_updates.py.

Source: docs/decisions/0028-fast-path.md; docs/decisions/0041-held-updates.md.
"""

from collections.abc import Mapping

from turnserver.domain.documents import game_partition
from turnserver.domain.outcome import Held
from turnserver.messages.relay import GameUpdate
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
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
from turnserver.service.holding import Hold
from turnserver.service.secrets import key_digest
from turnserver.service.usage import command_of
from turnserver.store.entries import MOVE
from turnserver.store.memory import MemoryStore, Partition
from turnserver.store.waits import Seen, Wait

_NOTHING_YET = b""
"""In place of a reply, for who is willing to wait."""

_FURTHER = b"\n" + NOTHING_NEW_LINE
_NEXT_LINE = b"\n" + SYMBOL
_CARRIAGE_RETURN = b"\r"


class FastPath:
    """Answers the updates that need no more than the next step.

    Args:
        store: Where the matches are; in this process.
        limits: Sizes and the time-outs of play count.
        answering: Who waits longer than the partner's next update is answered there.
    """

    def __init__(self, store: MemoryStore, limits: Limits, answering: Answering) -> None:
        self._store = store
        self._answering = answering
        self._holding = answering.holding
        self._now_ms = store.now_ms
        self._note = store.note if store.notes else None
        self._matches = matches = CachedMatches(self._found, limits)
        self._next_update, self._is_usual, self.learn = matches.next_update, matches.is_usual, matches.learn
        self._usage = usage = answering.usage
        self._counts = usage.command(command_of(GameUpdate))
        self._silence_ms = round(1000 * limits.play_silence_s)
        self._body_bytes_max = limits.body_bytes_max
        self._batch_lines_max = limits.batch_lines_max
        self._page_ends_ms = 0

    def _found(self, digest: str) -> Partition | None:
        """The game of a key that has this digest."""
        return self._store.partition(game_partition(digest))

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

    def hold(self, body: bytes, wait_s: float) -> bytes | Hold | None:
        """As `update`, for who is willing to wait; the hold that it is in while there is nothing to say.

        Args:
            body: A request's whole body.
            wait_s: How long the client is willing to wait.
        """
        found = self._next_update(body)
        if found is None or self._holding.is_draining:
            return None
        mine, text = found
        heard_ms = max(min(mine.seen_ms, mine.partner.seen_ms), self._store.opened_ms)
        items, items_bytes = ((text,), len(text) + 1) if text else ((), 0)
        reply = self._take(mine, 1, items, items_bytes, is_willing=True)
        if reply != _NOTHING_YET:
            return reply
        place, received = mine.match.kept, mine.handed if mine.is_exact else None
        match_version = place.documents["match"].version
        seen = {"match": match_version, mine.name: mine.writes_before + mine.sent, mine.inbound: mine.handed}
        mine.waits_for = seen
        hold = self._answering.hold(GameUpdate(mine.key.decode(), mine.index, mine.sent, received, text), "", wait_s)
        self._holding.begin(hold, place, seen, (heard_ms + self._silence_ms - mine.seen_ms) / 1000)
        return hold

    def adopt(self, hold: Hold) -> None:
        """Answer an update that the general way has just held with the partner's next one.

        Not before an update of the match was answered: who only waits is not worth a cache.
        """
        partition = self._found(key_digest(hold.request.key))
        if partition is None or partition.cache is None:
            return
        self.learn(hold.request)
        mine = self._matches.seats.get(hold.request.key.encode())
        if mine is not None and hold.held is Held.AS_NEW:
            ((_, mine.waits_for),) = hold.seen

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

    def _take(
        self, mine: Seat[Partition], count: int, items: tuple[bytes, ...], items_bytes: int, *, is_willing: bool = False
    ) -> bytes | None:
        """Take a player's next update, or several at once: to those after the first nothing new can be told.

        Args:
            mine: Whose.
            count: How many updates.
            items: What they bring.
            items_bytes: How long that is, with one more for each.
            is_willing: Whether it is to wait while there is nothing to say.

        Returns:
            The reply to the first; None where the general way must answer, and nothing was changed.
        """
        partition, now_ms = mine.match.kept, self._now_ms()
        waits = partition.waits
        if (
            (waits and not _are_updates(waits, mine))
            or self._store.is_failing
            or not self._is_usual(mine, items_bytes, now_ms)
        ):
            return None
        if now_ms >= self._page_ends_ms:
            self._store.turn_pages(now_ms)
            self._page_ends_ms = now_ms - now_ms % 1000 + 1000

        releases = mine.handed if mine.unacknowledged else 0
        told = mine.take(count, items, items_bytes, now_ms)
        if told:
            reply = UPDATES + (told[0] if len(told) == 1 else b"|".join(told))
            self._counts[UPDATES] += 1
        elif is_willing:
            reply = _NOTHING_YET
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
        if waits:
            self._end_waits(mine, partition, now_ms)
        return reply

    def _end_waits(self, mine: Seat[Partition], partition: Partition, now_ms: int) -> None:
        """Let go the update of the same player that this one has overtaken, and answer the partner's with the news."""
        if mine.waits_for is not None:
            self._counts[NOTHING_NEW] += partition.answer(mine.waits_for, NOTHING_NEW_LINE)
        partner = mine.partner
        if partner.unread and partner.waits_for is not None and partition.is_waited_for(partner.waits_for):
            told = partner.hand_out(now_ms)
            self._counts[UPDATES] += partition.answer(partner.waits_for, UPDATES + b"|".join(told))
            if self._note is not None:
                seat = (SEAT_TAG, READY, now_ms, partner.sent, partner.handed)
                self._note(partition, (MOVE, partition.name, partner.name, seat, partner.outbound, (), "", 0))

    @property
    def known(self) -> int:
        """How many players' updates may take the fast path."""
        return self._matches.known


def _are_updates(waits: Mapping[Wait, Seen], mine: Seat[Partition]) -> bool:
    """True if no others wait than the latest updates of the two players."""
    updates = mine.waits_for, mine.partner.waits_for
    return all(seen is updates[0] or seen is updates[1] for seen in waits.values())


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
