"""The fast path of GAME_UPDATE: what nearly every request is, in a small part of the time.

The rules (`domain.relay`) look at frozen values and decide on a batch, which a store carries out. That keeps them
plain, and costs several times what is left of a request. Nearly every update is of one kind: the next counter, from a
player who has received all that was handed out, in a game that lives and in which nobody waits. For these a match of
the store in this process is cached in a form that an update changes in place, and is written back when anybody else
looks at it. Everything else goes the general way.

Held equal to the rules, reply for reply and value for value, by tests/service/test_fast_path.py.

Source: docs/decisions/0028-fast-path.md.
"""

from turnserver.domain.documents import SEATS, STREAMS, Match, Step, game_partition
from turnserver.domain.documents import Seat as SeatDocument
from turnserver.messages.relay import GameUpdate
from turnserver.partition import EMPTY, Document, Stream
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol
from turnserver.service.secrets import key_digest
from turnserver.service.usage import Usage, command_of
from turnserver.store.entries import MOVE
from turnserver.store.memory import MemoryStore, Partition

_SYMBOL = Symbol.GAME_UPDATE.value.encode() + b","
_NOTHING_NEW = answers.NOTHING_NEW.prefix
_NOTHING_NEW_LINE = _NOTHING_NEW + b"*"
_FURTHER = b"\n" + _NOTHING_NEW_LINE
_UPDATES = answers.UPDATES.prefix
_SEAT_TAG = SeatDocument.__struct_config__.tag
_READY = Step.READY.value
_NEXT_LINE = b"\n" + _SYMBOL
_LINE_FEED, _CARRIAGE_RETURN = b"\n\r"


class Seat:
    """One player's side of a cached match: its document, and the partner's stream as this player reads it."""

    __slots__ = (
        "handed",
        "inbound",
        "is_exact",
        "match",
        "name",
        "names",
        "next_counter",
        "outbound",
        "partner",
        "player",
        "seen_ms",
        "sent",
        "unacknowledged",
        "unacknowledged_bytes",
        "unread",
        "unread_bytes",
        "writes_before",
    )

    match: "CachedMatch"
    partner: "Seat"
    names: bytes
    """What stands between data and counter in this player's updates: the game key and the player."""
    next_counter: bytes | None
    """The counter that this player's next update carries: everything else goes the general way. None if all does."""
    is_exact: bool
    """Whether it is in the exact form, `n.r`."""
    unacknowledged: list[bytes]
    """What was handed out and not acknowledged."""
    unread: list[bytes]
    """What has not been handed out."""
    unacknowledged_bytes: int
    """One more for each item."""
    unread_bytes: int
    """One more for each item."""
    writes_before: int
    """The document's version when `sent` was 0."""

    def __init__(self, match: "CachedMatch", index: int) -> None:
        self.match = match
        self.name, self.player = SEATS[index], SEATS[index].encode()
        self.outbound, self.inbound = STREAMS[index], STREAMS[1 - index]
        self.names = b""
        self.next_counter = None
        self.is_exact = False

    def read(self, partition: Partition) -> None:
        """Be as the partition says."""
        document = partition.documents[self.name]
        mine: SeatDocument = document.value
        inbound = partition.streams.get(self.inbound, EMPTY)
        self.sent, self.handed, self.seen_ms = mine.sent, mine.handed, mine.seen_ms
        self.writes_before = document.version - mine.sent
        self.unread = inbound.after(mine.handed)
        self.unacknowledged = inbound.after(inbound.first)[: mine.handed - inbound.first]
        self.unread_bytes = sum(map(len, self.unread)) + len(self.unread)
        self.unacknowledged_bytes = sum(map(len, self.unacknowledged)) + len(self.unacknowledged)
        self.await_next()

    def await_next(self) -> None:
        """From now on the next update is the one after the latest."""
        self.next_counter = b"%d.%d" % (self.sent + 1, self.handed) if self.is_exact else b"%d" % (self.sent + 1)

    @property
    def document(self) -> Document:
        """The seat's document."""
        value = SeatDocument(Step.READY, self.seen_ms, self.sent, self.handed)
        return Document(self.writes_before + self.sent, value)

    @property
    def stream(self) -> Stream:
        """The partner's stream."""
        log = self.unacknowledged + self.unread
        newest = self.handed + len(self.unread)
        size = max(0, self.unacknowledged_bytes + self.unread_bytes - 1)
        return Stream(log, 0, newest - len(log), newest, size)


class CachedMatch:
    """A running match in the form that updates change in place; see `store.memory.Cache`."""

    __slots__ = ("is_ahead", "keys", "partition", "path", "seats")

    def __init__(self, path: "FastPath", partition: Partition) -> None:
        self.path = path
        self.partition = partition
        self.seats = (Seat(self, 0), Seat(self, 1))
        self.seats[0].partner, self.seats[1].partner = self.seats[1], self.seats[0]
        self.keys: tuple[bytes, ...] = ()
        self.is_ahead = False

    def read(self) -> None:
        """Be as the partition says."""
        for seat in self.seats:
            seat.read(self.partition)

    def write_back(self) -> None:
        """See `Cache.write_back`."""
        if not self.is_ahead:
            return
        self.is_ahead = False
        documents, streams = dict(self.partition.documents), dict(self.partition.streams)
        for seat in self.seats:
            documents[seat.name] = seat.document
            stream = seat.stream
            if stream.next:
                streams[seat.inbound] = stream
        self.partition.documents, self.partition.streams = documents, streams

    def invalidate(self) -> None:
        """See `Cache.invalidate`."""
        for seat in self.seats:
            seat.next_counter = None

    def forget(self) -> None:
        """See `Cache.forget`."""
        self.invalidate()
        self.is_ahead = False
        self.path.forget(self.keys)


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
        self._seats: dict[bytes, Seat] = {}
        self._usage = usage
        self._counts = usage.command(command_of(GameUpdate))
        self._body_bytes_max = limits.body_bytes_max
        self._batch_lines_max = limits.batch_lines_max
        self._room_bytes = limits.buffer_bytes_max + 1  # the last of what waits has no bar after it
        self._silence_ms = limits.match_silence_ms_min
        self._page_ends_ms = 0

    def update(self, body: bytes) -> bytes | None:
        """The reply to an update, or None where the general way must answer: then nothing was changed.

        Args:
            body: A request's whole body, or a line of a batch. The reply may leave when the store has settled.
        """
        try:
            head, key, player, counter = body.rsplit(b",", 3)
            mine = self._seats[key]
        except (ValueError, KeyError):
            return None
        if (
            counter != mine.next_counter
            or player != mine.player
            or not head.startswith(_SYMBOL)
            or len(body) > self._body_bytes_max
            or _LINE_FEED in head
            or _CARRIAGE_RETURN in head
            or not (head.isascii() or _is_text(head))
        ):
            return None
        text = head[len(_SYMBOL) :]
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
            mine = self._seats[lines.rsplit(b",", 3)[1]]
        except (IndexError, KeyError):
            return None
        texts = _texts_of_next(lines, mine)
        if not 1 <= len(texts) <= self._batch_lines_max:
            return None
        items = tuple(filter(None, texts))
        reply = self._take(mine, len(texts), items, sum(map(len, items)) + len(items))
        return reply and reply + _FURTHER * (len(texts) - 1)

    def _take(self, mine: Seat, count: int, items: tuple[bytes, ...], items_bytes: int) -> bytes | None:
        """Take a player's next update, or several at once: to those after the first nothing new can be told.

        Args:
            mine: Whose.
            count: How many updates.
            items: What they bring.
            items_bytes: How long that is, with one more for each.

        Returns:
            The reply to the first; None where the general way must answer, and nothing was changed.
        """
        partner, match = mine.partner, mine.match
        partition = match.partition
        now_ms, silence_ms = self._now_ms(), self._silence_ms
        if (
            now_ms - mine.seen_ms >= silence_ms
            or now_ms - partner.seen_ms >= silence_ms
            or partition.waits
            or partner.unacknowledged_bytes + partner.unread_bytes + items_bytes > self._room_bytes
            or self._store.is_failing
        ):
            return None
        if now_ms >= self._page_ends_ms:
            self._store.turn_pages(now_ms)
            self._page_ends_ms = now_ms - now_ms % 1000 + 1000

        unread, releases = mine.unread, mine.handed if mine.unacknowledged else 0
        if unread:
            mine.handed += len(unread)
            mine.unacknowledged, mine.unread = unread, []
            mine.unacknowledged_bytes, mine.unread_bytes = mine.unread_bytes, 0
            reply = _UPDATES + (unread[0] if len(unread) == 1 else b"|".join(unread))
            self._counts[_UPDATES] += 1
        else:
            if releases:
                mine.unacknowledged, mine.unacknowledged_bytes = [], 0
            reply = _NOTHING_NEW_LINE
            self._counts[_NOTHING_NEW] += 1
        if count > 1:
            if unread:  # the second update acknowledges what the first was told
                releases, mine.unacknowledged, mine.unacknowledged_bytes = mine.handed, [], 0
            self._counts[_NOTHING_NEW] += count - 1
        mine.seen_ms = now_ms
        mine.sent = sent = mine.sent + count
        mine.next_counter = b"%d.%d" % (sent + 1, mine.handed) if mine.is_exact else b"%d" % (sent + 1)
        if items:
            partner.unread += items
            partner.unread_bytes += items_bytes
            self._usage.messages += len(items)
        match.is_ahead = True
        partition.ends_ms = now_ms + partition.ttl_ms  # type: ignore[operator]  # a match always has one
        if self._note is not None:
            seat = (_SEAT_TAG, _READY, now_ms, sent, mine.handed)
            move = (MOVE, partition.name, mine.name, seat, mine.outbound, items, mine.inbound, releases)
            self._note(partition, move)
        return reply

    def learn(self, request: GameUpdate) -> None:
        """Answer this player's further updates, if they may be such that need no more than the next step.

        Args:
            request: An update that the general way has just answered.
        """
        digest = key_digest(request.key)
        partition = self._store.partition(game_partition(digest))
        if partition is None or partition.waits:
            return
        match: Match = partition.documents["match"].value
        if match.left is not None or match.game_keys[request.player] != digest:
            return
        if any(partition.documents[name].value.step is not Step.READY for name in SEATS):
            return
        cached = partition.cache
        if not isinstance(cached, CachedMatch):
            cached = partition.cache = CachedMatch(self, partition)
        seat, key = cached.seats[request.player], request.key.encode()
        if key not in cached.keys:
            cached.keys += (key,)
            seat.names = b",%s,%s," % (key, seat.player)
            self._seats[key] = seat
        seat.is_exact = request.received is not None
        cached.write_back()
        cached.read()

    @property
    def known(self) -> int:
        """How many players' updates may take the fast path."""
        return len(self._seats)

    def forget(self, keys: tuple[bytes, ...]) -> None:
        """These keys' match has ended."""
        for key in keys:
            del self._seats[key]


def _texts_of_next(lines: bytes, mine: Seat) -> list[bytes]:
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
    starts = [_SYMBOL, mine.next_counter + _NEXT_LINE, *[start % sent for sent in later]]
    if not all(map(bytes.startswith, parts, starts)) or lines.count(b"\n") + 2 != len(parts):
        return []
    return list(map(bytes.removeprefix, parts, starts))[:-1]  # nothing can stand after the last counter


def _is_text(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
