"""The record of a room, for those who may read it."""

from collections.abc import Iterator

from turnserver.domain.rooms import viewing
from turnserver.domain.rooms.documents import room_partition
from turnserver.domain.rooms.record import events, readable
from turnserver.messages.items import Item
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import Archive
from turnserver.partition import View
from turnserver.service.context import TOKEN_LETTERS, Context
from turnserver.service.posting import Posting
from turnserver.service.rooms.packets import offset_of
from turnserver.service.rooms.store import RoomStore
from turnserver.service.secrets import digest
from turnserver.service.sessions import Sessions
from turnserver.wire.items import parse_item
from turnserver.wire.objects import json_text


class RoomArchive:
    """Reads records."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._rooms = RoomStore(context)
        self._sessions = sessions
        self._posting = Posting(context, sessions)

    async def read(self, request: Archive) -> Iterator[str]:
        """The record as lines of JSON, each with its line feed; what a late viewer may not see yet is left out.

        Raises:
            Refused: NOT_THERE, NO_RIGHT or NOT_ALLOWED.
            StoreDown: The store's failure.
        """
        is_program = self._posting.is_server_key(request.secret)
        user = await self._user(request.secret)
        view = await self._rooms.read(room_partition(request.room))
        hidden = None
        if not readable(view, user=user, digest=digest(request.secret), is_program=is_program):
            hidden = viewing.first_hidden(view)
        return _lines(view, view.stream("items").next if hidden is None else offset_of(view, hidden))

    async def _user(self, secret: str) -> str | None:
        if len(secret) != TOKEN_LETTERS:
            return None
        try:
            return (await self._sessions.resolve(secret)).user
        except Refused:
            return None


def _lines(view: View, upto: int) -> Iterator[str]:
    stream, times = view.stream("items"), view.stream("times")
    is_whole = upto == stream.next
    at_ms = [int(time) for time in times.after(times.first)[:upto]]
    upto_ms = None if is_whole else max(at_ms, default=0)
    for event in events(view, zip(at_ms, _items(view, upto), strict=True), upto_ms=upto_ms):
        yield json_text(event) + "\n"


def _items(view: View, upto: int) -> Iterator[Item]:
    stream = view.stream("items")
    return (parse_item(item.decode()) for item in stream.after(stream.first)[:upto])
