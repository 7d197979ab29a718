"""A room in the form that usual turns change in place; its fast path is `service.rooms.fast_turns`.

It is a write-back cache of the room's partition: often ahead of it in what the seats have posted, never in anything
else. Whatever somebody else commits makes it stale.

Source: docs/decisions/0034-fast-turns.md.
"""

from collections.abc import Callable, Iterable, Sequence

from turnserver.domain.owed import OWED
from turnserver.domain.rooms.documents import (
    RECOUNT,
    REPORTS,
    SEATS,
    Pace,
    Report,
    Room,
    Rules,
    Seat,
    Turn,
    is_paused,
    is_running,
    live_seats,
    packed,
)
from turnserver.messages.cursor import Cursor
from turnserver.messages.rooms import RoomTurn
from turnserver.partition import EMPTY, Document, with_items
from turnserver.protocol.symbols import Symbol
from turnserver.service.secrets import digest
from turnserver.store.memory import Partition
from turnserver.wire import cursor as cursors

SYMBOL = Symbol.ROOM_TURN.value.encode() + b","
"""What every line begins with that may take the fast path."""

ITEMS_MAX = 7
"""A reply with more items may be too long: the general way looks at its length."""


class CachedSeat:
    """One seat of a cached room: its document, and what its next usual turn begins with."""

    __slots__ = (
        "checked",
        "expected",
        "framerate",
        "index",
        "is_ahead",
        "is_missing",
        "key",
        "latency_ms",
        "name",
        "player",
        "reports",
        "room",
        "seen_ms",
        "told",
        "turns",
        "version",
    )

    is_missing: bool
    """Whether the next packet waits for its turn."""
    expected: bytes | None
    """The symbol and the generation of the next turn: everything else goes the general way; None for all of it."""

    def __init__(self, room: "CachedRoom", index: int) -> None:
        self.room = room
        self.index = index
        self.player = b"%d" % index
        self.name, self.reports = SEATS[index], REPORTS[index]
        self.key = ""
        """The room key that gives the right to it, once it is known."""
        self.told: list[bytes] = []
        """Reports that are not in the stream yet."""
        self.is_ahead = False
        self.read(Document(0, Seat(0)))

    def read(self, document: Document) -> None:
        """Be as the partition says."""
        self.version = document.version
        seat: Seat = document.value
        self.seen_ms, self.turns, self.checked = seat.seen_ms, seat.turns, seat.checked
        self.latency_ms, self.framerate = seat.latency_ms, seat.framerate
        self.is_missing = False
        self.expected = None

    def look_ahead(self) -> None:
        """See which turn is the next of a seat that plays, and whether the next packet waits for it."""
        following, newest, is_there = self.room.pace.generation + 1, self.room.pace.generation, False
        for turn in self.turns:
            newest = max(newest, turn.generation)
            if turn.generation == following:
                is_there = True
        self.is_missing = not is_there
        self.expect(newest + 1)

    def expect(self, generation: int) -> None:
        """The next usual turn is for this generation, if the lookahead lets the seat post it."""
        room = self.room
        if room.is_usual and self.key and generation <= room.pace.generation + room.rules.lookahead:
            self.expected = b"%b%d" % (SYMBOL, generation)
        else:
            self.expected = None

    def take(self, request: RoomTurn, now_ms: int) -> bytes | None:
        """Be as `domain.rooms.turns.post` has it after this turn; the report that it made."""
        room, turns = self.room, self.turns
        _, _, _, generation, latency_ms, framerate, checked, told, commands = request
        if turns:
            turns = tuple([turn for turn in turns if turn.generation > room.pace.generation])
        self.turns = (*turns, Turn(generation, commands, now_ms))
        self.seen_ms = now_ms
        self.version += 1
        self.is_ahead = room.is_ahead = True
        if self.is_missing:
            self.is_missing = False
            room.missing -= 1
        self.expect(generation + 1)
        if latency_ms is None and framerate is None and checked is None:
            return None
        if latency_ms is not None:
            self.latency_ms = latency_ms
        if framerate is not None:
            self.framerate = framerate
        if checked is not None and checked > self.checked:
            self.checked = checked
        report = packed(Report(now_ms, generation, checked, told, latency_ms, framerate))
        self.told.append(report)
        room.record_bytes += len(report) + 1
        return report

    @property
    def value(self) -> Seat:
        """The value of the seat's document."""
        return Seat(self.seen_ms, self.turns, self.checked, self.latency_ms, self.framerate)


class CachedRoom:
    """A room, all of whose usual turns are taken here; see `store.memory.Cache`.

    Args:
        partition: The room.
        forget: Told of seats whose keys give no right to them any more.
    """

    __slots__ = (
        "_forget",
        "cursor",
        "cursor_field",
        "is_ahead",
        "is_stale",
        "is_usual",
        "live",
        "missing",
        "pace",
        "partition",
        "record_bytes",
        "room",
        "rules",
        "seats",
        "seen",
    )

    is_usual: bool
    """Whether turns may take the fast path at all, as the room is."""
    live: Sequence[int]
    """The seats that play, in order."""
    missing: int
    """How many seats the next packet waits for."""
    pace: Pace
    record_bytes: int
    """The kept bytes of all streams, rather more than less."""

    def __init__(self, partition: Partition, forget: Callable[[Iterable[CachedSeat]], None]) -> None:
        self.partition = partition
        self._forget = forget
        self.rules: Rules = partition.documents["rules"].value
        self.room: Room = partition.documents["room"].value
        self.seats = [CachedSeat(self, index) for index in range(len(self.room.members))]
        self.is_ahead = False
        self.is_stale = True
        self.be_at(partition.streams["items"].next)

    def be_at(self, offset: int) -> None:
        """There are so many items."""
        self.cursor = Cursor(self.rules.epoch, offset)
        self.cursor_field = cursors.encode(self.cursor).encode()
        self.seen = {"items": offset}
        """What those have seen who are held here, and nobody else: this very object."""

    def read(self) -> None:
        """Be as the partition says, which this is not ahead of."""
        assert not self.is_ahead
        documents, streams = self.partition.documents, self.partition.streams
        room: Room = documents["room"].value
        if room is not self.room:
            self._look_at_members(room)
        if streams["items"].next != self.cursor.offset:
            self.be_at(streams["items"].next)
        self.pace = pace = documents["pace"].value
        owed = streams.get(OWED, EMPTY)
        is_played = is_running(room) and not is_paused(room) and owed.first == owed.next
        is_usual = is_played and not pace.skipping and pace.compared != RECOUNT
        self.is_usual = is_usual and self.rules.lookahead <= ITEMS_MAX
        self.record_bytes = sum(stream.size for stream in streams.values())
        self.live = live_seats(room)
        for seat in self.seats:
            if seat.name in documents:
                seat.read(documents[seat.name])
        self.look_ahead()
        self.is_stale = False

    def look_ahead(self) -> None:
        """See whose turns the next packet waits for."""
        self.missing = 0
        for index in self.live:
            seat = self.seats[index]
            seat.look_ahead()
            self.missing += seat.is_missing
        if not self.missing:  # a packet is due, and whoever looks at the room next makes it
            for seat in self.seats:
                seat.expected = None

    def _look_at_members(self, room: Room) -> None:
        self.room = room
        self.seen = dict(self.seen)  # who is held already may have a key that is dead now, and is asked for it again
        self.seats += [CachedSeat(self, index) for index in range(len(self.seats), len(room.members))]
        for seat, member in zip(self.seats, room.members, strict=True):
            if seat.key and (member is None or member.key != digest(seat.key)):
                self._forget((seat,))

    def write_back(self) -> None:
        """See `Cache.write_back`."""
        if not self.is_ahead:
            return
        self.is_ahead = False
        documents, told = dict(self.partition.documents), {}
        for seat in self.seats:
            if seat.is_ahead:
                seat.is_ahead = False
                documents[seat.name] = Document(seat.version, seat.value)
                if seat.told:
                    told[seat.reports], seat.told = seat.told, []
        self.partition.documents = documents
        if told:
            self.partition.streams = with_items(self.partition.streams, told)

    def invalidate(self) -> None:
        """See `Cache.invalidate`."""
        self.is_stale = True

    def forget(self) -> None:
        """See `Cache.forget`."""
        self.is_ahead = False
        self._forget(self.seats)
