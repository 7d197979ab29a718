"""ROOM_CREATE, ROOM_JOIN and ROOM_WATCH: from a session to a room key; and ROOM_LIST."""

import re

from turnserver.domain.games import ROOM, Begun
from turnserver.domain.outcome import Held, Outcome
from turnserver.domain.rooms import listing, seating, viewing
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import room_partition
from turnserver.domain.rooms.seating import Founder, Place
from turnserver.domain.sessions import Session
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused, Reply
from turnserver.messages.rooms import Listed, RoomCreate, RoomJoin, RoomList, RoomLook, RoomWatch, Seated
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.symbols import Symbol
from turnserver.service.context import KEY_LETTERS, Context
from turnserver.service.holding import Answered
from turnserver.service.rooms.store import RoomStore
from turnserver.service.secrets import derived, digest
from turnserver.service.sessions import Sessions
from turnserver.store.seam import StoreDown
from turnserver.wire.objects import json_text
from turnserver.wire.room_replies import listed_body, seated_body

ROOM_LETTERS = 12
"""72 bits: ids are public, so they only have to be told apart."""

EPOCH_LETTERS = 2
"""See `wire.cursor`."""

_ROOM = re.compile(rf"[A-Za-z0-9_-]{{{ROOM_LETTERS}}}")


class RoomSeating:
    """The use cases that a session token gives the right to."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._rooms = RoomStore(context)
        self._sessions = sessions

    async def create(self, request: RoomCreate, title: str, _held: Held) -> Answered:
        """Make a room and take its first seat; see `domain.rooms.seating.create`."""
        session = await self._sessions.resolve(request.token)
        room = self._derived(ROOM_LETTERS, request.token, "room", request.counter)
        key = self._key(request.token, Symbol.ROOM_CREATE, room, request.counter)
        name = request.name or session.name
        for _ in range(self._limits.conflicts_max):
            view = await self._rooms.read(room_partition(room))
            if view.exists:
                change = seating.join(
                    view, session, name=name, digest=digest(key), limits=self._limits, is_founder=True
                )
            else:
                place = Place(room, self._context.new_key()[:EPOCH_LETTERS], title)
                change = await self._new(request, Founder(session, name, digest(key)), place, view)
            if change is None or await self._rooms.commit(room_partition(room), view, change):
                if not view.exists:
                    self._context.begun.append(Begun(ROOM, room, title, (name,), self._context.unix_ms()))
                return await self._seated(answers.ROOM_CREATED, room, key, session)
        raise StoreDown("the room is overtaken by other commits all the time")

    async def _new(self, request: RoomCreate, founder: Founder, place: Place, view: View) -> Change:
        if await self._store.count("room") >= self._limits.rooms_max:
            raise Refused(answers.FULL)
        change = seating.create(request.wishes, founder, place, now_ms=view.now_ms, limits=self._limits)
        titled = listing.list_partition(place.title)
        entered = listing.entered(await self._store.read(titled), place.room, limits=self._limits)
        await self._store.commit(titled, entered)
        return change

    async def join(self, request: RoomJoin, _title: str, _held: Held) -> Answered:
        """Take a seat, or one's own again; see `domain.rooms.seating.join`."""
        session = await self._sessions.resolve(request.token)
        key = self._key(request.token, Symbol.ROOM_JOIN, request.room, request.counter)
        for _ in range(self._limits.conflicts_max):
            view = await self._room(request.room)
            name = request.name or session.name
            change = seating.join(view, session, name=name, digest=digest(key), limits=self._limits)
            if change is None or await self._rooms.commit(room_partition(request.room), view, change):
                return await self._seated(answers.ROOM_JOINED, request.room, key, session)
        raise StoreDown("the room is overtaken by other commits all the time")

    async def look(self, request: RoomLook) -> str:
        """What a newcomer finds, a JSON object; see `domain.rooms.seating.look`.

        Raises:
            Refused: See there.
            StoreDown: The store's failure.
        """
        return json_text(seating.look(await self._room(request.room)))

    async def watch(self, request: RoomWatch, _title: str, _held: Held) -> Answered:
        """Watch; see `domain.rooms.viewing.watch`."""
        session = await self._sessions.resolve(request.token)
        key = self._key(request.token, Symbol.ROOM_WATCH, request.room, request.counter)
        for _ in range(self._limits.conflicts_max):
            view = await self._room(request.room)
            change = viewing.watch(view, session, digest=digest(key), limits=self._limits)
            if change is None or await self._rooms.commit(room_partition(request.room), view, change):
                return await self._seated(answers.ROOM_WATCHED, request.room, key, None)
        raise StoreDown("the room is overtaken by other commits all the time")

    async def list(self, request: RoomList, title: str, _held: Held) -> Answered:
        """The open rooms of a title, newest first."""
        await self._sessions.resolve(request.token)
        found: list[Listed] = []
        for room in listing.named(await self._store.read(listing.list_partition(title))):
            one = listing.listed(await self._rooms.read(room_partition(room)), request.filter)
            if one is not None:
                found.append(one)
            if len(found) == self._limits.room_list_max:
                break
        return Answered(Outcome(Reply(answers.ROOMS, listed_body(found))))

    async def _room(self, room: str) -> View:
        if not _ROOM.fullmatch(room):
            raise Refused(answers.NOT_THERE)
        return await self._rooms.read(room_partition(room))

    def _key(self, token: str, symbol: Symbol, room: str, counter: str | None) -> str:
        return self._derived(KEY_LETTERS, token, f"{symbol.value} {room}", counter)

    def _derived(self, letters: int, token: str, what: str, counter: str | None) -> str:
        """What a repeat of the request gets again; without a counter of its own a request is no repeat."""
        if counter is None:
            return self._context.new_key()[:letters]
        return derived(what, token, counter, letters=letters)

    async def _seated(self, answer: Answer, room: str, key: str, session: Session | None) -> Answered:
        """The answer as the room is now; `session` is None for a viewer."""
        view = await self._rooms.read(room_partition(room))
        if not view.exists:
            raise Refused(answers.NOT_THERE)
        index = None if session is None else seating.seat_of(view.value("room"), session.user)
        cursor = Cursor(view.value("rules").epoch, seating.start(view))
        seated = Seated(room, key, index, cursor, json_text(seating.header(view)))
        return Answered(Outcome(Reply(answer, seated_body(seated))))
