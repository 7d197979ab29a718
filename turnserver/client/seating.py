"""From a session to a place in a room, as steps to perform.

A session is opened as a guest's when it is first needed. Each create, join and watch carries a mark of its own, so a
request whose reply was lost is repeated and gives the same room and the same key. Joining again with another mark
gives the seat a new key: so a client comes back that lost everything but its session's token.

Source: docs/rooms.md, "Seats and keys".
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from turnserver.client.errors import ProtocolError, refusal
from turnserver.client.exchange import Steps, exchange
from turnserver.client.membership import Membership, membership
from turnserver.client.timing import Timing
from turnserver.messages.reply import Malformed
from turnserver.messages.requests import Request
from turnserver.messages.rooms import Filter, Listed, RoomCreate, RoomJoin, RoomList, RoomWatch, Wishes
from turnserver.messages.sessions import Guest
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.wire.names import is_name
from turnserver.wire.room_replies import parse_listed, parse_opened, parse_seated
from turnserver.wire.wishes import parse_wishes

T = TypeVar("T")


class Seating:
    """A session, and what it gives the right to.

    Args:
        token: An open session; None opens a guest's with the first request.
        timing: The patience.
        new_mark: Text that marks a request: each time another one, that nobody else can foresee.
    """

    def __init__(self, token: str | None, timing: Timing, new_mark: Callable[[], str]) -> None:
        self.token = token
        self._timing = timing
        self._new_mark = new_mark
        self._was_heard = False

    def open(self) -> Steps[str]:
        """The token of the session, which is opened if it is not.

        Raises:
            TurnserverError: As `refusal` and `exchange` raise, here and below.
        """
        if self.token is None:
            opened = yield from self._ask(Guest(), answers.GUEST, parse_opened)
            self.token = opened.token
        return self.token

    def create(self, wishes: Wishes, name: str | None) -> Steps[Membership]:
        """Make a room and take its first seat."""
        token, mark = (yield from self.open()), self._new_mark()
        seated = yield from self._ask(RoomCreate(token, name, mark, wishes), answers.ROOM_CREATED, parse_seated)
        return _member(seated)

    def join(self, room: str, name: str | None) -> Steps[Membership]:
        """Take a seat, or this session's own seat again."""
        token, mark = (yield from self.open()), self._new_mark()
        seated = yield from self._ask(RoomJoin(token, name, mark, room), answers.ROOM_JOINED, parse_seated)
        return _member(seated)

    def watch(self, room: str) -> Steps[Membership]:
        """Watch a room."""
        token, mark = (yield from self.open()), self._new_mark()
        seated = yield from self._ask(RoomWatch(token, mark, room), answers.ROOM_WATCHED, parse_seated)
        return _member(seated)

    def list(self, wanted: Filter) -> Steps[list[Listed]]:
        """The open rooms of the title, newest first."""
        token = yield from self.open()
        return (yield from self._ask(RoomList(token, wanted), answers.ROOMS, parse_listed))

    def _ask(self, request: Request, expected: Answer, parse: Callable[[bytes], T]) -> Steps[T]:
        give_up_s = self._timing.give_up_s if self._was_heard else self._timing.first_reply_s
        answer = yield from exchange(request, self._timing, give_up_s=give_up_s)
        self._was_heard = True
        if answer.reply.answer is not expected:
            raise refusal(answer.reply)
        return understood(parse, answer.reply.body)


def _member(seated: Any) -> Membership:
    return understood(membership, seated)


A = TypeVar("A")


def understood(parse: Callable[[A], T], given: A) -> T:
    """What `parse` makes of a reply.

    Raises:
        ProtocolError: It makes no sense of it.
    """
    try:
        return parse(given)
    except ValueError as error:
        raise ProtocolError(f"not a reply of this protocol: {error}") from None


def wishes_of(room: Mapping[str, Any]) -> Wishes:
    """What a room is to be, from its JSON object.

    Raises:
        ValueError: The server would refuse it; the message names the place.
    """
    try:
        return parse_wishes(room, Limits())
    except Malformed as error:
        raise ValueError(f"not a room: {error.details}") from None


def checked_name(name: str | None) -> str | None:
    """A name that the server will take; None leaves it to the server.

    Raises:
        ValueError: It is none.
    """
    if name is not None and not is_name(name, bytes_max=Limits().name_bytes_max):
        raise ValueError(f"not a name (1 to 64 bytes, no comma, semicolon, bar or control character): {name!r}")
    return name


def checked_room(room: str) -> str:
    """The id of a room, as far as it can be told here.

    Raises:
        ValueError: It is none.
    """
    if not room.isascii() or not room.isprintable() or not room:
        raise ValueError(f"not the id of a room: {room!r}")
    return room
