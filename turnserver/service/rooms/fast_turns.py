"""The fast path of ROOM_TURN: the usual turn, from the line to the replies of all who wait for its packet.

Nearly every turn is of one kind: the next of its seat, from a member who has seen all items, in a room that runs and
where nobody lags. For these a room of the store in this process is cached in a form that a turn changes in place, and
is written back when anybody else looks at it, or when a packet is due. Who waits is held at once, and all who were held
here get the one reply that was made of the packet. All else goes the general way.

Held equal to the general way, reply for reply and value for value, by tests/service/rooms/test_fast_turns.py.

Source: docs/decisions/0034-fast-turns.md.
"""

from collections.abc import Iterable

from turnserver.domain.rooms.barrier import follow, packets
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import (
    RECOUNT,
    key_partition,
)
from turnserver.domain.rooms.turns import post
from turnserver.messages.items import Packet
from turnserver.messages.rooms import RoomReady, RoomTurn
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
from turnserver.service.holding import Hold
from turnserver.service.rooms.cached_room import SYMBOL, CachedRoom, CachedSeat
from turnserver.service.secrets import digest
from turnserver.service.usage import command_of
from turnserver.store.entries import MOVE, changed
from turnserver.store.memory import MemoryStore
from turnserver.wire.items import item_text
from turnserver.wire.numbers import number

REPORT_BYTES = 64
"""What a report has beside its hash, rather more than less."""

_LINE_FEED, _CARRIAGE_RETURN = b"\n\r"
_NOTHING_NEW = answers.NOTHING_NEW.prefix
_ITEMS = answers.ROOM_ITEMS.prefix


class FastTurns:
    """Answers the turns that are as usual.

    Args:
        store: Where the rooms are; in this process.
        limits: Sizes and the times of rooms count.
        answering: Who is held is answered there where more has happened than a packet.
    """

    def __init__(self, store: MemoryStore, limits: Limits, answering: Answering) -> None:
        self._store = store
        self._now_ms = store.now_ms
        self._limits = limits
        self._answering = answering
        self._holding = answering.holding
        self._counts = answering.usage.command(command_of(RoomTurn))
        self._seats: dict[bytes, CachedSeat] = {}

    def turn(self, body: bytes, wait_s: float) -> bytes | Hold | None:
        """The reply to a turn, or the hold that it is in; None where the general way must answer: nothing was changed.

        Args:
            body: A request's whole body, or a line of a batch. The reply may leave when the store has settled.
            wait_s: How long the client is willing to wait.
        """
        try:
            head, key, player, counter = body.rsplit(b",", 3)
            seat = self._seats[key]
            posted, latency, framerate, checked, told, commands = head.split(b";", 5)
        except (ValueError, KeyError):
            return None
        room, limits, now_ms = seat.room, self._limits, self._now_ms()
        if room.is_stale:
            room.read()
        if (
            posted != seat.expected
            or counter != room.cursor_field
            or player != seat.player
            or now_ms - room.pace.at_ms >= limits.room_lag_ms_min
            or len(commands) > limits.room_commands_bytes_max
            or len(told) > limits.room_hash_bytes_max
            or len(body) > limits.body_bytes_max
            or _LINE_FEED in head
            or _CARRIAGE_RETURN in head
            or (not checked) != (not told)
            or self._store.is_failing
            or self._holding.is_draining
        ):
            return None
        try:
            request = RoomTurn(
                seat.key,
                seat.index,
                room.cursor,
                int(posted[len(SYMBOL) :]),
                _number(latency) if latency else None,
                _number(framerate) if framerate else None,
                _number(checked) if checked else None,
                told.decode(),
                commands.decode(),
            )
        except ValueError:
            return None
        if request.checked is not None and request.checked > room.pace.generation:
            return None
        is_last = seat.is_missing and room.missing == 1
        if (is_last or checked) and _may_be_decided(seat, request):
            return self._compared(seat, request, now_ms, wait_s)
        return self._completed(seat, request, now_ms) if is_last else self._posted(seat, request, now_ms, wait_s)

    def _posted(self, seat: CachedSeat, request: RoomTurn, now_ms: int, wait_s: float) -> bytes | Hold:
        """Take a turn from which nothing follows yet."""
        partition = seat.room.partition
        report = seat.take(request, now_ms)
        reports = () if report is None else (report,)
        move = (MOVE, partition.name, seat.name, seat.value, seat.reports, reports, "", 0)
        self._store.touch(partition, move, now_ms, is_told=not wait_s)
        return self._not_yet(seat.room, request, now_ms, wait_s)

    def _completed(self, seat: CachedSeat, request: RoomTurn, now_ms: int) -> bytes | None:
        """Take the turn that a packet waits for, where there are no hashes to compare."""
        room, partition, limits = seat.room, seat.room.partition, self._limits
        if room.record_bytes + len(request.hash) + REPORT_BYTES > limits.room_record_bytes_max:
            return None
        report = seat.take(request, now_ms)
        items, pace = packets(
            room.seats, room.live, room.pace, room.rules, None, now_ms=now_ms, turn_ms_max=limits.room_turn_ms_max
        )
        room.write_back()
        posted = Change({seat.name: seat.value}, append={} if report is None else {seat.reports: (report,)})
        view = View(partition.documents, partition.streams, now_ms, self._store.opened_ms)
        line = self._told(room, view, posted, Change({"pace": pace}, tuple(items)))
        room.pace = pace
        room.record_bytes += len(line) + len(items) * len(b"%d|" % now_ms)
        room.look_ahead()
        return line

    def _compared(self, seat: CachedSeat, request: RoomTurn, now_ms: int, wait_s: float) -> bytes | Hold | None:
        """Take a turn after which hashes are compared."""
        room, partition = seat.room, seat.room.partition
        room.write_back()
        before = View(partition.documents, partition.streams, now_ms, self._store.opened_ms)
        posted = post(before, seat.index, request, packet=None)
        assert posted is not None
        after = before.after(posted.put, posted.append)
        compared = None if request.checked is None else request.checked - 1
        followed = follow(after, limits=self._limits, after=compared)
        if followed is None:
            change = changed(partition.name, posted.put, posted.append, {})
            self._store.replace(partition, after, change, is_told=not wait_s)
            room.read()
            return self._not_yet(room, request, now_ms, wait_s)
        if not _is_of_packets(followed):
            return None
        line = self._told(room, after, posted, followed)
        room.read()
        return line

    def _told(self, room: CachedRoom, view: View, posted: Change, followed: Change) -> bytes:
        """Carry out a turn and the packets that follow from it, and answer all who were held for them here."""
        texts = [item_text(item) for item in followed.items]
        batch = followed.batch(view, texts)
        told = view.after(batch.put, batch.append)
        partition, seen = room.partition, room.seen
        room.be_at(told.streams["items"].next)
        body = b"|".join((room.cursor_field, *texts))
        self._counts[_ITEMS] += partition.answer(seen, _ITEMS + body)
        put, append = {**posted.put, **batch.put}, {**posted.append, **batch.append}
        self._store.replace(partition, told, changed(partition.name, put, append, {}), is_told=True)
        return self._answered(_ITEMS, body)

    def _not_yet(self, room: CachedRoom, request: RoomTurn, now_ms: int, wait_s: float) -> bytes | Hold:
        """Hold who is willing to wait; others are told that there is nothing new."""
        if not wait_s:
            return self._answered(_NOTHING_NEW, b"*")
        hold = self._answering.hold(request, "", wait_s)
        quiet_ms = room.pace.at_ms + self._limits.room_lag_ms_min - now_ms
        self._holding.begin(hold, room.partition, room.seen, quiet_ms / 1000)
        return hold

    def _answered(self, prefix: bytes, body: bytes) -> bytes:
        self._counts[prefix] += 1
        return prefix + body

    def learn(self, request: RoomReady | RoomTurn) -> None:
        """Answer this member's further turns, where they are as usual.

        Args:
            request: What the general way has just answered.
        """
        key, index = request.key.encode(), request.seat
        if index is None or key in self._seats:
            return
        hashed = digest(request.key)
        partition = self._store.partition(key_partition(hashed))
        if partition is None:
            return
        members = partition.documents["room"].value.members
        member = members[index] if index < len(members) else None
        if member is None or member.key != hashed:
            return
        room = partition.cache
        if not isinstance(room, CachedRoom):
            room = partition.cache = CachedRoom(partition, self.forget)
        room.read()
        seat = self._seats[key] = room.seats[index]
        seat.key = request.key
        room.look_ahead()

    @property
    def known(self) -> int:
        """How many members' turns may take the fast path."""
        return len(self._seats)

    def forget(self, seats: Iterable[CachedSeat]) -> None:
        """Their keys give no right to them any more."""
        for seat in seats:
            if seat.key:
                del self._seats[seat.key.encode()]
                seat.key = ""


def _may_be_decided(seat: CachedSeat, request: RoomTurn) -> bool:
    """True if all live seats will have reported hashes, once the turn is taken, that were not compared yet."""
    room, checked = seat.room, request.checked
    since = room.pace.compared if checked is None else min(checked - 1, room.pace.compared)
    for index in room.live:
        one = room.seats[index]
        reported = max(one.checked, checked) if one is seat and checked is not None else one.checked
        if reported <= since:
            return False
    return True


def _number(field: bytes) -> int:
    """The number that a field spells.

    Raises:
        ValueError: It spells none.
    """
    found = number(field.decode("ascii"))
    if found is None:
        raise ValueError
    return found


def _is_of_packets(change: Change) -> bool:
    """True for packets with their pace, after which nothing else follows."""
    items, put = change.items, change.put
    return len(items) > 0 and type(items[0]) is Packet and len(put) == 1 and put["pace"].compared != RECOUNT
