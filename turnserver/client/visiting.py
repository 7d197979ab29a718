"""A place in a room as steps to perform: configure, be ready, post turns, send events, poll and leave.

Each of them is answered with the room's items after the cursor, so each brings what is new. Steps that fail or are
dropped half-way leave the cursor where it was: the next ones get the same items, and none is lost or read twice. The
same action again with the same cursor is known to the server as a repeat.

Source: docs/rooms.md, "Requests".
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

from turnserver.client.errors import ProtocolError, RoomEnded, refusal
from turnserver.client.exchange import Answer, Steps, exchange
from turnserver.client.membership import Membership
from turnserver.client.seating import understood
from turnserver.client.timing import Timing
from turnserver.messages.items import Item
from turnserver.messages.rooms import RoomAction, RoomEvent, RoomLeave, RoomPoll, RoomReady, RoomSetup
from turnserver.protocol import answers
from turnserver.wire.room_replies import parse_items

_GOODBYES = (answers.ROOM_LEFT, answers.NO_RIGHT)


class Visiting:
    """One place in a room, and the items that came and were not taken yet.

    Steps of one place are performed one after the other. `take` may be called at any time.
    """

    def __init__(self, member: Membership, timing: Timing) -> None:
        self.member = member
        """What is known of the room, all items that came included."""
        self._timing = timing
        self._items: deque[Item] = deque()
        self._rest_s = 0.0
        self._has_left = False

    @property
    def has_items(self) -> bool:
        """True while items wait to be taken."""
        return bool(self._items)

    @property
    def is_settled(self) -> bool:
        """True while this member is ready, or a viewer, and the others are waited for."""
        return self.member.is_setup and (self.member.seat is None or self.member.seat in self.member.ready)

    def take(self) -> list[Item]:
        """All items that wait, oldest first."""
        return [self._items.popleft() for _ in range(len(self._items))]

    def configure(self, patch: Mapping[str, Any]) -> Steps[None]:
        """Change the configuration by a JSON merge patch; who was ready no longer is.

        Raises:
            WrongState: The game runs already.
            BadRequest: The configuration would be too large.
            TurnserverError: As `refusal` and `exchange` raise, here and below.
        """
        member = self.member
        yield from self.ask(RoomSetup(member.key, member.seat, member.cursor, patch))

    def ready(self, *, is_ready: bool) -> Steps[None]:
        """Be ready, or no longer. A configuration that this member has not seen is read first, and then agreed to."""
        while self.member.is_setup and (self.member.seat in self.member.ready) != is_ready:
            member = self.member
            request = RoomReady(member.key, member.seat, member.cursor, is_ready)
            answer = yield from self.ask(request, refusals=(answers.WRONG_STATE,))
            if answer.reply.answer is answers.WRONG_STATE:
                yield from self.poll(0)  # a reply was lost, and with the last who got ready the game began

    def event(self, event: str) -> Steps[None]:
        """Send an event of the room's state chart.

        Raises:
            WrongState: The chart does not take it now.
            NotAllowed: This member may not send it.
        """
        member = self.member
        yield from self.ask(RoomEvent(member.key, member.seat, member.cursor, event))

    def poll(self, wait_s: int) -> Steps[Answer]:
        """Ask once for what is new.

        Args:
            wait_s: How long the server may hold the answer if there is nothing.
        """
        member = self.member
        pause_s, self._rest_s = (self._rest_s, 0.0) if wait_s else (0.0, self._rest_s)
        answer = yield from self.ask(RoomPoll(member.key, member.seat, member.cursor), wait_s=wait_s, pause_s=pause_s)
        if wait_s and answer.reply.answer is answers.NOTHING_NEW:
            self._rest_s = answer.retry_after_s or max(0.0, self._timing.rest_s - answer.took_s)
        return answer

    def leave(self) -> Steps[None]:
        """Give up the seat, or stop watching; again nothing happens."""
        if self._has_left:
            return
        self._has_left = True
        request = RoomLeave(self.member.key, self.member.seat)
        answer = yield from exchange(request, self._timing, give_up_s=self._timing.quit_s)
        if answer.reply.answer not in _GOODBYES:
            raise refusal(answer.reply)

    def ask(
        self, request: RoomAction, *, wait_s: int = 0, pause_s: float = 0.0, refusals: tuple[answers.Answer, ...] = ()
    ) -> Steps[Answer]:
        """Post a request of this place until it is answered, and take in what its answer brings.

        Args:
            request: What to post.
            wait_s: How long the server may hold the answer.
            pause_s: The pause before.
            refusals: Errors that the caller expects: they are returned.

        Raises:
            TurnserverError: As `refusal` and `exchange` raise.
        """
        self.must_go_on()
        give_up_s = self._timing.give_up_s
        answer = yield from exchange(request, self._timing, give_up_s=give_up_s, wait_s=wait_s, pause_s=pause_s)
        if answer.reply.answer is answers.NOTHING_NEW:
            self.member = self.member.at_the_end()
        elif answer.reply.answer is answers.ROOM_ITEMS:
            cursor, items = understood(parse_items, answer.reply.body)
            self.member = self.member.after(cursor, items)
            self._items.extend(items)
        elif answer.reply.answer is answers.LOST:
            raise ProtocolError("the server has lost items of the room")
        elif answer.reply.answer not in refusals:
            raise refusal(answer.reply)
        return answer

    def must_go_on(self) -> None:
        """Let only who has not left go on.

        Raises:
            RoomEnded: This member has left.
        """
        if self._has_left:
            raise RoomEnded("this member has left the room")
