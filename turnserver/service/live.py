"""The live world as an operator sees it: who waits, which matches and rooms there are, and for whom they wait.

Only looks: what follows in a match or room by itself is left to those who play. Lists are bounded, and so is what is
read for them; between slices others get their turn.

Source: docs/console.md, "The live world".
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

from turnserver.domain import chat
from turnserver.domain.documents import SEATS, STREAMS, Match, Phase, Player, Seat, Step
from turnserver.domain.relay import end_by_silence
from turnserver.domain.rooms.documents import Pace, Room, Rules, is_ended, is_running, live_seats
from turnserver.domain.rooms.silence import waiting
from turnserver.partition import View
from turnserver.protocol.limits import Limits
from turnserver.service.census import SLICE, match_state, room_state
from turnserver.service.context import Context

LOOKED_AT_MAX = 2_000
"""How many of a kind are read for one list; of more, only the first that the store names are looked at."""

SILENT = "silent"
"""The state of a match that ends by silence as soon as one of the two asks for anything."""

LINES_MAX = 50
"""How many lines of a channel are shown, the newest."""

Row = TypeVar("Row")


class WaitingPlayer(NamedTuple):
    """A registration without a partner; `wants` is the name of the one it wants, None for anyone."""

    name: str
    title: str
    wants: str | None
    has_asked: bool


class LiveMatch(NamedTuple):
    """A pair or game. Seconds are since each was heard; `waits_for` are names; `messages` is how many were relayed."""

    match_id: str
    state: str
    names: tuple[str, str]
    heard_s: tuple[float, float]
    messages: int
    waits_for: tuple[str, ...]


class LiveRoom(NamedTuple):
    """A room that has not ended; `waits_for` are names, or how many more players it needs."""

    room_id: str
    title: str
    name: str
    engine: str
    state: str
    detail: str
    members: tuple[str, ...]
    most: int
    generation: int
    waits_for: tuple[str, ...]


class LiveChannel(NamedTuple):
    """A lobby channel and its newest lines, oldest first."""

    title: str
    name: str
    lines: tuple[chat.Said, ...]


class Shown(NamedTuple):
    """A bounded list; `is_cut` where there may be more."""

    rows: list[Any]
    is_cut: bool


class Live:
    """Looks at the live world.

    Args:
        context: What every use case works with.
        rows_max: The longest list that is wanted.
    """

    def __init__(self, context: Context, *, rows_max: int) -> None:
        self._store = context.store
        self._limits = context.limits
        self._rows_max = rows_max

    async def waiting(self) -> Shown:
        """Who has registered and has no partner: `WaitingPlayer`.

        Raises:
            StoreDown: The store's failure.
        """
        return await self._shown("player", _waiting)

    async def matches(self) -> Shown:
        """Pairs that load and games that go on: `LiveMatch`.

        Raises:
            StoreDown: The store's failure.
        """
        return await self._shown("match", partial(_match, limits=self._limits))

    async def rooms(self) -> Shown:
        """Rooms that have not ended: `LiveRoom`.

        Raises:
            StoreDown: The store's failure.
        """
        return await self._shown("room", _room)

    async def channels(self) -> Shown:
        """Lobby channels with what was said there last: `LiveChannel`.

        Raises:
            StoreDown: The store's failure.
        """
        return await self._shown("chat", _channel)

    async def _shown(self, kind: str, row: Callable[[str, View], Row | None]) -> Shown:
        rows: list[Row] = []
        names = await self._store.scan(kind)
        for index, name in enumerate(names[:LOOKED_AT_MAX], 1):
            if len(rows) >= self._rows_max:
                return Shown(rows, is_cut=True)
            if index % SLICE == 0:
                await asyncio.sleep(0)
            view = await self._store.read(name)
            found = row(name, view) if view.exists else None
            if found is not None:
                rows.append(found)
        return Shown(rows, is_cut=len(names) > LOOKED_AT_MAX)


def _waiting(_name: str, view: View) -> WaitingPlayer | None:
    player: Player = view.value("player")
    if player.phase not in (Phase.REGISTERED, Phase.ASKED, Phase.DROPPED, Phase.TOLD):
        return None
    return WaitingPlayer(player.name, player.title, player.partner, player.phase is Phase.ASKED)


def _match(name: str, view: View, *, limits: Limits) -> LiveMatch | None:
    match: Match = view.value("match")
    if match.left is not None:
        return None
    seats: list[Seat] = [view.value(seat) for seat in SEATS]
    first, second = ((view.now_ms - max(seat.seen_ms, view.opened_ms)) / 1000 for seat in seats)
    loads = tuple(one for one, seat in zip(match.names, seats, strict=True) if seat.step is not Step.READY)
    messages = sum(view.stream(stream).next for stream in STREAMS)
    state = SILENT if end_by_silence(view, limits=limits) is not None else match_state(view)
    return LiveMatch(name.partition(":")[2], state, match.names, (first, second), messages, loads)


def _room(_name: str, view: View) -> LiveRoom | None:
    room: Room | None = view.value("room")
    if room is None or is_ended(room):
        return None
    rules: Rules = view.value("rules")
    pace: Pace | None = view.value("pace")
    return LiveRoom(
        rules.room,
        rules.title,
        rules.name,
        rules.engine,
        room_state(view),
        room.state,
        tuple(member.name for member in room.members if member is not None and member.is_live),
        rules.most,
        0 if pace is None else pace.generation,
        _waited_for(view, room, rules, pace),
    )


def _waited_for(view: View, room: Room, rules: Rules, pace: Pace | None) -> tuple[str, ...]:
    """Names of those without whom the room does not go on; during set-up, also how many are missing."""
    if is_running(room):
        found = None if pace is None else waiting(view, room, pace)
        return () if found is None else tuple(_name_of(room, seat) for seat in found.seats)
    there = live_seats(room)
    missing = rules.least - len(there)
    unready = tuple(_name_of(room, seat) for seat in there if not _is_ready(room, seat))
    return (*unready, *((f"{missing} more",) if missing > 0 else ()))


def _name_of(room: Room, seat: int) -> str:
    member = room.members[seat]
    return "" if member is None else member.name


def _is_ready(room: Room, seat: int) -> bool:
    member = room.members[seat]
    return member is not None and member.is_ready


def _channel(name: str, view: View) -> LiveChannel:
    title, _, channel = name.partition(":")[2].partition("\n")
    stream = view.stream(chat.LINES)
    newest = stream.after(max(stream.first, stream.next - LINES_MAX))
    return LiveChannel(title, channel, tuple(chat.said_of(line) for line in newest))
