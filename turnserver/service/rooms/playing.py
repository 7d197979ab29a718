"""ROOM_SETUP to ROOM_LEAVE: what a room key gives the right to."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, NamedTuple

from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.rooms import events, seating, setup, turns, viewing
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import is_ended, key_partition
from turnserver.domain.rooms.record import refused
from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Packet
from turnserver.messages.reply import Refused, Reply
from turnserver.messages.rooms import (
    SYMBOLS,
    RoomEvent,
    RoomLeave,
    RoomPoll,
    RoomReady,
    RoomSetup,
    RoomTurn,
)
from turnserver.partition import EMPTY, Stream, View
from turnserver.protocol import answers
from turnserver.service.context import KEY_LETTERS, Context
from turnserver.service.holding import Answered
from turnserver.service.rooms.packets import offset_of, packet_of
from turnserver.service.rooms.store import RoomStore
from turnserver.service.secrets import DIGESTS_KEPT, digest
from turnserver.store.seam import StoreDown
from turnserver.wire.objects import json_text
from turnserver.wire.room_replies import items_body

Rule = Callable[[View, int, Any], Change | None]
"""`(room, seat, request)` to what changes, or None for nothing."""

_NOTHING_NEW = Reply(answers.NOTHING_NEW)
_LEFT = Reply(answers.ROOM_LEFT)
_WATCH = ("items",)


class _Told(NamedTuple):
    """What was told of a stream, from one offset up to another."""

    stream: Stream
    first: int
    upto: int
    answered: Answered


class RoomPlaying:
    """The use cases of members and viewers. All but leaving answer with the items after the cursor."""

    def __init__(self, context: Context) -> None:
        self._limits = context.limits
        self._rooms = RoomStore(context)
        self._latest = _Told(EMPTY, 0, 0, Answered(Outcome(_NOTHING_NEW)))
        """All who waited for a packet are told the same, one after the other."""

    async def setup(self, request: RoomSetup, _title: str, held: Held) -> Answered:
        """Change the configuration; see `domain.rooms.setup.configure`."""

        def rule(view: View, index: int, request: RoomSetup) -> Change | None:
            patch = digest(json_text(request.patch))
            return setup.configure(view, index, request, digest=patch, limits=self._limits)

        return await self._act(request, rule, held=held)

    async def ready(self, request: RoomReady, _title: str, held: Held) -> Answered:
        """Be ready, or no longer; see `domain.rooms.setup.ready`."""
        return await self._act(request, setup.ready, held=held)

    def turn(self, request: RoomTurn, title: str, held: Held) -> Awaitable[Answered]:
        """Post a turn; see `domain.rooms.turns.post`."""
        if held:
            return self.poll(request, title, held)
        after = None if request.checked is None else request.checked - 1
        return self._act(request, _post, held=held, after=after)

    async def event(self, request: RoomEvent, _title: str, held: Held) -> Answered:
        """Send an event of the state chart; see `domain.rooms.events.send`."""
        return await self._act(request, events.send, held=held)

    async def poll(self, request: RoomPoll | RoomTurn, _title: str, _held: Held) -> Answered:
        """What is new, for a member or a viewer."""
        partition, key = _place(request.key)
        view = await self._rooms.read(partition)
        index = seating.seated(view, key, request.seat)
        _check_cursor(view, request.cursor)
        if index is None:
            await self._note_life(partition, view, viewing.sign_of_life(view, key))
        else:
            await self._note_life(partition, view, seating.sign_of_life(view, index, limits=self._limits))
        return self._answered(partition, view, index, request.cursor)

    async def leave(self, request: RoomLeave, _title: str, _held: Held) -> Answered:
        """Give up the seat, or stop watching."""
        partition, key = _place(request.key)
        for _ in range(self._limits.conflicts_max):
            view = await self._rooms.read(partition)
            if seating.has_departed(view, key):
                break
            index = seating.seated(view, key, request.seat)
            change = viewing.stop(view, key) if index is None else seating.leave(view, index, limits=self._limits)
            if change is None or await self._rooms.commit(partition, view, change):
                await self._rooms.read(partition)
                break
        else:
            raise StoreDown("the room is overtaken by other commits all the time")
        return Answered(Outcome(_LEFT))

    async def _act(self, request: Any, rule: Rule, *, held: Held, after: int | None = None) -> Answered:
        """Do what a member wants, once, and answer with what it has not seen yet."""
        if held:
            return await self.poll(request, "", held)
        partition, key = _place(request.key)
        for _ in range(self._limits.conflicts_max):
            view = await self._rooms.read(partition)
            index = seating.seated(view, key, request.seat)
            if index is None:
                raise Refused(answers.NOT_ALLOWED)
            await self._note_life(partition, view, seating.sign_of_life(view, index, limits=self._limits))
            try:
                _check_cursor(view, request.cursor)
                change = rule(view, index, request)
            except Refused as refusal:
                await self._note(partition, view, index, request, refusal)
                raise
            if change is None:
                return self._answered(partition, view, index, request.cursor)
            if await self._rooms.commit(partition, view, change):
                view = await self._rooms.read(partition, after=after)
                return self._answered(partition, view, index, request.cursor)
        raise StoreDown("the room is overtaken by other commits all the time")

    async def _note_life(self, partition: str, view: View, change: Change | None) -> None:
        if change is not None:  # one that is overtaken is one that was not needed
            await self._rooms.commit(partition, view, change)

    async def _note(self, partition: str, view: View, index: int, request: Any, refusal: Refused) -> None:
        symbol = SYMBOLS[type(request)].value
        change = refused(view, index, symbol, refusal.answer, limits=self._limits)
        if change is not None:
            await self._rooms.commit(partition, view, change)

    def _answered(self, partition: str, view: View, index: int | None, cursor: Cursor | None) -> Answered:
        """The items after the cursor, as many as one reply may bring."""
        stream = view.streams["items"]
        upto = stream.next
        if index is None:
            hidden = viewing.first_hidden(view)
            upto = upto if hidden is None else offset_of(view, hidden)
        first = stream.first if cursor is None else cursor.offset
        if first >= upto:
            watch = () if is_ended(view.documents["room"].value) else _WATCH
            return Answered(Outcome(_NOTHING_NEW, None, watch), partition, view)
        latest = self._latest
        if latest.stream is not stream or latest.first != first or latest.upto != upto:
            items = _fitting(stream.after(first)[: upto - first], self._limits.room_reply_bytes_max)
            told = Cursor(view.documents["rules"].value.epoch, first + len(items))
            reply = Reply(answers.ROOM_ITEMS, items_body(told, items))
            latest = self._latest = _Told(stream, first, upto, Answered(Outcome(reply)))
        return latest.answered


def _post(view: View, index: int, request: RoomTurn) -> Change | None:
    packet: Packet | None = None
    if request.generation <= view.documents["pace"].value.generation:
        packet = packet_of(view, request.generation)
    return turns.post(view, index, request, packet=packet)


@lru_cache(maxsize=DIGESTS_KEPT)
def _place(key: str) -> tuple[str, str]:
    """Where a room key leads, and the SHA-256 of the key.

    Raises:
        Refused: NO_RIGHT for what is no key.
    """
    if len(key) != KEY_LETTERS:
        raise Refused(answers.NO_RIGHT)
    hashed = digest(key)
    return key_partition(hashed), hashed


def _check_cursor(view: View, cursor: Cursor | None) -> None:
    if cursor is None:
        return
    if cursor.epoch != view.documents["rules"].value.epoch or cursor.offset > view.streams["items"].next:
        raise Refused(answers.BAD_CURSOR)


def _fitting(items: list[bytes], bytes_max: int) -> list[bytes]:
    """The first of them, at least one, until they are as many bytes."""
    if len(items) < 8:  # nearly always: all that came since the latest poll
        return items
    size = 0
    for count, item in enumerate(items, 1):
        size += len(item) + 1
        if size >= bytes_max:
            return items[:count]
    return items
