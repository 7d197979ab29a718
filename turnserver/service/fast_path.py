"""The fast path of GAME_UPDATE: what nearly all requests are, in a fraction of the time.

The rules (`domain.relay`) see frozen values and decide on a batch; a store carries it out. That is what makes them
plain, and what costs. Nearly every update is of one kind: the next counter, by a player who has everything that was
handed out, in a game that lives and in which nobody waits. For these the state of a game is borrowed from the store of
this process and kept in a form that an update changes in place. Whatever else comes, and whoever else looks at the
match, takes the general way: the state is given back first, so nobody ever sees it elsewhere than where it belongs.

Held equal to the rules, reply for reply and value for value, by tests/service/test_fast_path.py.

Source: docs/decisions/0032-fast-path.md.
"""

import time
from typing import TYPE_CHECKING

from turnserver.domain.documents import SEATS, STREAMS, Match
from turnserver.domain.documents import Seat as SeatDocument
from turnserver.domain.documents import Step
from turnserver.partition import Document, Stream
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.service.usage import Usage
from turnserver.store.entries import Change
from turnserver.store.memory import MemoryStore, Partition

_NOTHING_NEW = answers.NOTHING_NEW.prefix
_UPDATES = answers.UPDATES.prefix
_NONE: dict[str, object] = {}


class Seat:
    """One player's side of a borrowed game."""

    __slots__ = (
        "game",
        "handed",
        "index",
        "inbound",
        "is_exact",
        "key",
        "next_counter",
        "outbound",
        "partner",
        "player",
        "seat",
        "seen_ms",
        "sent",
        "unacknowledged",
        "unacknowledged_bytes",
        "unread",
        "unread_bytes",
        "versions",
    )

    def __init__(self, game: "Game", index: int) -> None:
        self.game = game
        self.index = index
        self.player = b"%d" % index
        self.seat = SEATS[index]
        self.outbound, self.inbound = STREAMS[index], STREAMS[1 - index]
        self.key = b""
        self.is_exact = False
        self.next_counter = b""


class Game:
    """A match whose state is borrowed, or was."""

    __slots__ = ("is_open", "partition", "path", "seats", "match")

    def __init__(self, path: "FastPath") -> None:
        self.path = path
        self.is_open = False
        first, second = self.seats = Seat(self, 0), Seat(self, 1)
        first.partner, second.partner = second, first

    def borrow(self) -> None:
        documents, streams = self.partition.documents, self.partition.streams
        self.match = documents["match"]
        for seat in self.seats:
            document = documents[seat.seat]
            state = document.value
            inbound = streams.get(seat.inbound)
            seat.seen_ms, seat.sent, seat.handed = state.seen_ms, state.sent, state.handed
            seat.versions = document.version - state.sent
            if inbound is None:
                seat.unacknowledged, seat.unread = [], []
            else:
                seat.unacknowledged = inbound.after(inbound.first)
                seat.unread = inbound.after(state.handed)
                if seat.unread:
                    del seat.unacknowledged[-len(seat.unread) :]
            seat.unacknowledged_bytes = _bytes(seat.unacknowledged)
            seat.unread_bytes = _bytes(seat.unread)
            seat.next_counter = (
                b"%d.%d" % (state.sent + 1, state.handed) if seat.is_exact else b"%d" % (state.sent + 1)
            )
        self.is_open = True

    def give_back(self) -> None:
        if not self.is_open:
            return
        self.is_open = False
        documents, streams = dict(self.partition.documents), dict(self.partition.streams)
        for seat in self.seats:
            seat.next_counter = b"-"
            value = SeatDocument(Step.READY, seat.seen_ms, seat.sent, seat.handed)
            documents[seat.seat] = Document(seat.versions + seat.sent, value)
            log = seat.unacknowledged + seat.unread
            newest = seat.handed + len(seat.unread)
            if newest:
                size = seat.unacknowledged_bytes + seat.unread_bytes - bool(log)
                streams[seat.inbound] = Stream(log, 0, newest - len(log), newest, size)
        self.partition.documents, self.partition.streams = documents, streams

    def forget(self) -> None:
        self.is_open = False
        for seat in self.seats:
            seat.next_counter = b"-"
            self.path.drop(seat.key)


def _bytes(items: list[bytes]) -> int:
    return sum(map(len, items)) + len(items)


class FastPath:
    def __init__(self, store: MemoryStore, limits: Limits, usage: Usage) -> None:
        self._store = store
        self._seats: dict[bytes, Seat] = {}
        self._usage = usage
        self._counts = usage.command("GAME_UPDATE")
        self._buffer_bytes_max = limits.buffer_bytes_max
        self._body_bytes_max = limits.body_bytes_max
        self._silence_ms = limits.match_silence_ms_min
        self._now_ms = store.now_ms
        self._note = store.note
        self._page_ends_ms = 0

    def update(self, body: bytes) -> bytes | None:
        started_s = time.perf_counter()
        try:
            head, key, player, counter = body.rsplit(b",", 3)
            mine = self._seats[key]
        except (ValueError, KeyError):
            return None
        if counter != mine.next_counter or player != mine.player or not head.startswith(b"6,"):
            return None
        partner, partition = mine.partner, mine.game.partition
        now_ms, silence_ms = self._now_ms(), self._silence_ms
        data_bytes = len(head) - 2
        if (
            now_ms - mine.seen_ms >= silence_ms
            or now_ms - partner.seen_ms >= silence_ms
            or partition.waits
            or self._store.is_failing
            or len(body) > self._body_bytes_max
            or partner.unacknowledged_bytes + partner.unread_bytes + data_bytes > self._buffer_bytes_max
            or not head.isascii()
            or b"\n" in head
            or b"\r" in head
        ):
            return None
        if now_ms >= self._page_ends_ms:
            self._store.keep_pace(now_ms)
            self._page_ends_ms = now_ms - now_ms % 1000 + 1000
        had = mine.unacknowledged
        handed = mine.handed
        usage, counts = self._usage, self._counts
        unread = mine.unread
        if unread:
            mine.unacknowledged, mine.unread = unread, []
            mine.unacknowledged_bytes, mine.unread_bytes = mine.unread_bytes, 0
            mine.handed = handed + len(unread)
            reply = b"0/9/" + (unread[0] if len(unread) == 1 else b"|".join(unread))
            counts[_UPDATES] += 1
        else:
            if had:
                mine.unacknowledged, mine.unacknowledged_bytes = [], 0
            reply = b"0/10/*"
            counts[_NOTHING_NEW] += 1
        sent = mine.sent = mine.sent + 1
        mine.seen_ms = now_ms
        mine.next_counter = b"%d.%d" % (sent + 1, mine.handed) if mine.is_exact else b"%d" % (sent + 1)
        append = _NONE
        if data_bytes:
            data = head[2:]
            partner.unread.append(data)
            partner.unread_bytes += data_bytes + 1
            usage.messages += 1
            append = {mine.outbound: (data,)}
        partition.ends_ms = now_ms + partition.ttl_ms
        if self._note is not None:
            self._note(
                Change(
                    partition.name,
                    {mine.seat: SeatDocument(Step.READY, now_ms, sent, mine.handed)},
                    append,
                    {mine.inbound: handed} if had else _NONE,
                    None,
                    (),
                    False,
                )
            )
        usage.latest_s = took_s = time.perf_counter() - started_s
        if started_s >= usage.sample_due_s:
            usage.timed("relay", started_s=started_s, took_s=took_s)
        return reply

    def open(self, name: str, key: str, player: int, *, is_exact: bool) -> None:
        found = self._store._partitions.get(name)
        if found is None or found.waits:
            return
        game = found.borrower
        if game is None:
            game = found.borrower = Game(self)
            game.partition = found
        assert isinstance(game, Game)
        match: Match = found.documents["match"].value
        if match.left is not None or any(found.documents[s].value.step is not Step.READY for s in SEATS):
            return
        seat = game.seats[player]
        seat.is_exact = is_exact
        if not seat.key:
            seat.key = key.encode()
            self._seats[seat.key] = seat
        game.borrow()

    def drop(self, key: bytes) -> None:
        self._seats.pop(key, None)
