"""How a player comes to a room whose game begins: it looks for one that has a seat, or makes one, and gets ready.

Nobody tells the players which of them belong together: they use the list of rooms, as people do. So rooms fill up from
all processes and machines that load the same server.

Source: docs/rooms.md, "Set-up".
"""

from typing import NamedTuple

import msgspec

from stresstest.scenarios.asking import WAIT_S, Patience, ask
from stresstest.scenarios.player import Player
from stresstest.steps import Abandoned, Pause, Steps
from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Item, Joined, Left, Moved, Readied
from turnserver.messages.reply import Reply
from turnserver.messages.rooms import (
    Filter,
    Listed,
    OnSilence,
    Readers,
    RoomCreate,
    RoomJoin,
    RoomLeave,
    RoomList,
    RoomPoll,
    RoomReady,
    Wishes,
)
from turnserver.protocol import answers
from turnserver.wire.room_replies import parse_items, parse_listed, parse_seated

ENGINE = "stresstest"
"""What all rooms of load tests play."""

FILL_S = 3.0
"""How long a player waits for a room to fill up; then it plays with those who are there, or looks elsewhere."""

LOOK_S = 2
"""How long the server may hold an answer while a room fills up."""

SILENCE_S = 15
"""How long a room waits for a player that is gone before it drops it."""

SET_UP_S_MAX = 20.0
"""How long a player stays in a room whose game does not begin, because somebody there is gone."""

ROOM_S_MAX = 60.0
"""How long a player waits for a game to begin."""

_LISTED = frozenset((answers.ROOMS,))
_CREATED = frozenset((answers.ROOM_CREATED,))
_JOINED = frozenset((answers.ROOM_JOINED,))
_TAKEN = frozenset((answers.FULL, answers.WRONG_STATE, answers.NOT_THERE))
_LEFT = frozenset((answers.ROOM_LEFT,))
_ITEMS = frozenset((answers.ROOM_ITEMS, answers.NOTHING_NEW))
_READY = _ITEMS | {answers.WRONG_STATE}


class Place(NamedTuple):
    """A seat in a room whose game has begun."""

    key: str
    seat: int
    cursor: Cursor
    members: tuple[int, ...]
    """The seats that are played."""
    items: list[Item]
    """Items that came after the beginning, in the same reply."""


def enter(player: Player, token: str) -> Steps[Place | None]:
    """A seat in a room whose game has begun, or None if it is all over before.

    Raises:
        Abandoned: An answer came that makes no sense, or no game began for too long.
    """
    patience = Patience(player.clock, ROOM_S_MAX, "no game has begun")
    while not player.is_over():
        seated = yield from _seated(player, token)
        if seated is not None:
            place = yield from _SetUp(player, seated).until_running()
            if place is not None:
                return place
        patience.check()
        yield Pause(player.chance.uniform(0, 0.1))
    return None


def _seated(player: Player, token: str) -> Steps[Reply | None]:
    """The answer that gives a seat; None where another was faster."""
    wanted = Filter(engine=ENGINE, name=f"{player.seats}", has_seat=True)
    listed = yield from ask(player, RoomList(token, wanted), _LISTED)
    found: list[Listed] = parse_listed(listed.body)
    mark = f"{player.chance.getrandbits(48)}"
    if not found:
        wishes = _wishes(player.seats)
        return (yield from ask(player, RoomCreate(token, None, mark, wishes), _CREATED))
    room = player.chance.choice(found).room
    reply = yield from ask(player, RoomJoin(token, None, mark, room), _JOINED | _TAKEN)
    return reply if reply.answer is answers.ROOM_JOINED else None


def _wishes(seats: int) -> Wishes:
    name = f"{seats}"  # so that rooms of other sizes, of another run, are not found
    return Wishes(ENGINE, "1", 2, seats, name, {}, {}, None, 200, 2, SILENCE_S, OnSilence.DROP, Readers.MEMBERS)


class _SetUp:
    """A room that fills up."""

    def __init__(self, player: Player, seated: Reply) -> None:
        self._player = player
        here = parse_seated(seated.body)
        header = msgspec.json.decode(here.header)
        assert here.seat is not None
        self._key, self._seat, self._cursor = here.key, here.seat, here.cursor
        self._members = {seat for seat, name in enumerate(header["members"]) if name is not None}
        self._is_someone_ready = bool(header["ready"])
        self._is_ready = False
        self._rest: list[Item] | None = None

    def until_running(self) -> Steps[Place | None]:
        """The place once the game has begun; None if this player has left again, because nobody came."""
        player = self._player
        came_s = player.clock()
        patience_s = player.chance.uniform(0.7, 1.3) * FILL_S
        while self._rest is None:
            is_late = player.clock() - came_s > patience_s or player.is_over()
            if (len(self._members) == 1 and is_late) or player.clock() - came_s > SET_UP_S_MAX:
                yield from ask(player, RoomLeave(self._key, self._seat), _LEFT)
                return None
            if not self._is_ready and self._should_begin(is_late=is_late):
                ready = RoomReady(self._key, self._seat, self._cursor, is_ready=True)
                self._is_ready = True
                self._take((yield from ask(player, ready, _READY)))
            else:
                wait_s = WAIT_S if self._is_ready else LOOK_S
                self._take((yield from ask(player, self._poll, _ITEMS, wait_s=wait_s)))
        return Place(self._key, self._seat, self._cursor, tuple(sorted(self._members)), self._rest)

    def _should_begin(self, *, is_late: bool) -> bool:
        count = len(self._members)
        return count == self._player.seats or (count > 1 and (is_late or self._is_someone_ready))

    @property
    def _poll(self) -> RoomPoll:
        return RoomPoll(self._key, self._seat, self._cursor)

    def _take(self, reply: Reply) -> None:
        if reply.answer is not answers.ROOM_ITEMS:
            return
        try:
            self._cursor, items = parse_items(reply.body)
        except ValueError as error:
            raise Abandoned(str(error)) from None
        for index, item in enumerate(items):
            match item:
                case Joined(seat):
                    self._members.add(seat)
                case Left(seat):
                    self._members.discard(seat)
                case Readied(_, is_ready):
                    self._is_someone_ready = is_ready
                case Moved(state) if state.startswith("running"):
                    self._rest = items[index + 1 :]
                    return
