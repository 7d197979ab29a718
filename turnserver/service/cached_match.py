"""A match of the relay in the form that usual updates change in place, and which update is such a one.

It is a write-back cache of what a store keeps, or this process knows, of the match. The fast paths are
`service.fast_path` over a store in this process, and `service.distant_path` over one in another.

Source: docs/decisions/0028-fast-path.md.
"""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from turnserver.domain.documents import SEATS, STREAMS, Match, Step
from turnserver.domain.documents import Seat as SeatDocument
from turnserver.messages.relay import GameUpdate
from turnserver.partition import EMPTY, Document, Stream
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol
from turnserver.service.secrets import key_digest
from turnserver.store.memory import Cache

SYMBOL = Symbol.GAME_UPDATE.value.encode() + b","
"""What every line begins with that may take a fast path."""

NOTHING_NEW = answers.NOTHING_NEW.prefix
NOTHING_NEW_LINE = NOTHING_NEW + b"*"
UPDATES = answers.UPDATES.prefix

SEAT_TAG = SeatDocument.__struct_config__.tag
READY = Step.READY.value
"""A seat's document is written like `(SEAT_TAG, READY, seen_ms, sent, handed)`, which is made sooner."""

_LINE_FEED, _CARRIAGE_RETURN = b"\n\r"


class Kept(Protocol):
    """Where the match is kept, or what is known of it."""

    documents: Mapping[str, Document]
    streams: Mapping[str, Stream]
    cache: Cache | None


Where = TypeVar("Where", bound=Kept)


class Seat(Generic[Where]):
    """One player's side of a cached match: its document, and the partner's stream as this player reads it."""

    __slots__ = (
        "handed",
        "inbound",
        "index",
        "is_exact",
        "key",
        "match",
        "name",
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
        "waits_for",
        "writes_before",
    )

    match: "CachedMatch[Where]"
    partner: "Seat[Where]"
    key: bytes
    """The game key, once it is known."""
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
    waits_for: Mapping[str, int] | None
    """What the update has seen that waits for news, this very object; it may wait no longer. None if none does."""

    def __init__(self, match: "CachedMatch[Where]", index: int) -> None:
        self.match = match
        self.index, self.key = index, b""
        self.name, self.player = SEATS[index], SEATS[index].encode()
        self.outbound, self.inbound = STREAMS[index], STREAMS[1 - index]
        self.next_counter = None
        self.is_exact = False
        self.waits_for = None

    def read(self, kept: Kept) -> None:
        """Be as it is kept."""
        document = kept.documents[self.name]
        mine: SeatDocument = document.value
        inbound = kept.streams.get(self.inbound, EMPTY)
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

    def take(self, count: int, items: tuple[bytes, ...], items_bytes: int, now_ms: int) -> list[bytes]:
        """Take this player's next update, or several at once: to those after the first nothing new can be told.

        Args:
            count: How many updates.
            items: What they bring.
            items_bytes: How long that is, with one more for each.
            now_ms: The store's clock.

        Returns:
            What the first is told.
        """
        told = self.unread
        if told:
            self.handed += len(told)
            self.unacknowledged, self.unread = told, []
            self.unacknowledged_bytes, self.unread_bytes = self.unread_bytes, 0
            if count > 1:  # the second acknowledges what the first was told
                self.unacknowledged, self.unacknowledged_bytes = [], 0
        elif self.unacknowledged:
            self.unacknowledged, self.unacknowledged_bytes = [], 0
        self.seen_ms = now_ms
        self.sent = sent = self.sent + count
        self.next_counter = b"%d.%d" % (sent + 1, self.handed) if self.is_exact else b"%d" % (sent + 1)
        if items:
            partner = self.partner
            partner.unread += items
            partner.unread_bytes += items_bytes
        self.match.is_ahead = True
        return told

    def hand_out(self, now_ms: int) -> list[bytes]:
        """Tell the player's update that waits what is unread: the document is written once more."""
        told = self.unread
        self.handed += len(told)
        self.unacknowledged, self.unread = told, []
        self.unacknowledged_bytes, self.unread_bytes = self.unread_bytes, 0
        self.seen_ms = now_ms
        self.writes_before += 1
        self.await_next()
        self.match.is_ahead = True
        return told

    @property
    def names(self) -> bytes:
        """What stands between data and counter in this player's updates: the game key and the player."""
        return b",%s,%s," % (self.key, self.player)

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


class CachedMatch(Generic[Where]):
    """A running match in the form that updates change in place; see `store.memory.Cache`.

    Args:
        kept: Where it is kept.
        forget: Told of its players' keys when it has ended.
    """

    __slots__ = ("_forget", "is_ahead", "kept", "keys", "seats")

    def __init__(self, kept: Where, forget: Callable[[tuple[bytes, ...]], None]) -> None:
        self.kept = kept
        self._forget = forget
        self.seats = (Seat(self, 0), Seat(self, 1))
        self.seats[0].partner, self.seats[1].partner = self.seats[1], self.seats[0]
        self.keys: tuple[bytes, ...] = ()
        self.is_ahead = False

    def read(self) -> None:
        """Be as it is kept."""
        for seat in self.seats:
            seat.read(self.kept)

    def write_back(self) -> None:
        """See `Cache.write_back`."""
        if not self.is_ahead:
            return
        self.is_ahead = False
        documents, streams = dict(self.kept.documents), dict(self.kept.streams)
        for seat in self.seats:
            documents[seat.name] = seat.document
            stream = seat.stream
            if stream.next:
                streams[seat.inbound] = stream
        self.kept.documents, self.kept.streams = documents, streams

    def invalidate(self) -> None:
        """See `Cache.invalidate`."""
        for seat in self.seats:
            seat.next_counter = None

    def forget(self) -> None:
        """See `Cache.forget`."""
        self.invalidate()
        self.is_ahead = False
        self._forget(self.keys)


class CachedMatches(Generic[Where]):
    """All cached matches of a fast path, by the keys of their players.

    Args:
        find: The game of a key that has this digest, if it can be cached now.
        limits: Sizes and the time-outs of play count.
        match_type: What matches are cached as.
    """

    def __init__(
        self,
        find: Callable[[str], Where | None],
        limits: Limits,
        match_type: type[CachedMatch[Where]] = CachedMatch,
    ) -> None:
        self.seats: dict[bytes, Seat[Where]] = {}
        self._find = find
        self._match_type = match_type
        self._body_bytes_max = limits.body_bytes_max
        self._room_bytes = limits.buffer_bytes_max + 1  # the last of what waits has no bar after it
        self._silence_ms = limits.match_silence_ms_min

    def next_update(self, body: bytes) -> tuple[Seat[Where], bytes] | None:
        """Whose next update this is, and its data; None for any other request.

        Args:
            body: A request's whole body, or a line of a batch.
        """
        try:
            head, key, player, counter = body.rsplit(b",", 3)
            mine = self.seats[key]
        except (ValueError, KeyError):
            return None
        if (
            counter != mine.next_counter
            or player != mine.player
            or not head.startswith(SYMBOL)
            or len(body) > self._body_bytes_max
            or _LINE_FEED in head
            or _CARRIAGE_RETURN in head
            or not (head.isascii() or is_text(head))
        ):
            return None
        return mine, head[len(SYMBOL) :]

    def is_usual(self, mine: Seat[Where], items_bytes: int, now_ms: int) -> bool:
        """True if nobody was silent for long, and there is room for so much more."""
        partner, silence_ms = mine.partner, self._silence_ms
        return (
            now_ms - mine.seen_ms < silence_ms
            and now_ms - partner.seen_ms < silence_ms
            and partner.unacknowledged_bytes + partner.unread_bytes + items_bytes <= self._room_bytes
        )

    def learn(self, request: GameUpdate) -> None:
        """Answer this player's further updates, if they may be such that need no more than the next step.

        Args:
            request: An update that the general way has just answered.
        """
        digest = key_digest(request.key)
        kept = self._find(digest)
        if kept is None or not is_played(kept):
            return
        match: Match = kept.documents["match"].value
        if match.game_keys[request.player] != digest:
            return
        cached = kept.cache
        if not isinstance(cached, CachedMatch):
            cached = kept.cache = self._match_type(kept, self._forget)
        seat, key = cached.seats[request.player], request.key.encode()
        if key not in cached.keys:
            cached.keys += (key,)
            seat.key = key
            self.seats[key] = seat
        seat.is_exact = request.received is not None
        cached.write_back()
        cached.read()

    @property
    def known(self) -> int:
        """How many players' updates may take the fast path."""
        return len(self.seats)

    def _forget(self, keys: tuple[bytes, ...]) -> None:
        for key in keys:
            del self.seats[key]


def is_played(kept: Kept) -> bool:
    """True for a match in which both play and nobody has left."""
    documents = kept.documents
    if documents["match"].value.left is not None:
        return False
    return all(documents[name].value.step is Step.READY for name in SEATS)


def is_text(text: bytes) -> bool:
    """True for UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
