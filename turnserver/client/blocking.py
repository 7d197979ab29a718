"""The synchronous client: `pair` finds a partner, and `Game` is what the two play. Needs no HTTP library.

One thread may wait for what the partner sends while others send: a text that is handed in ends the wait at once, and
the wait goes on after it.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

from turnserver.client import timing as timings
from turnserver.client.address import address
from turnserver.client.chats import Chat
from turnserver.client.chatting import GAME, Chatting
from turnserver.client.connection import Connection, Observer
from turnserver.client.errors import GameClosed, GameEnded, PartnerLeft, TurnserverError
from turnserver.client.floor import Floor
from turnserver.client.meeting import Meeting
from turnserver.client.pairing import Paired, Role, wish
from turnserver.client.playing import Playing
from turnserver.client.timing import Timing


def pair(  # noqa: PLR0913  # an option each; all but two can be left out
    url: str,
    name: str,
    *,
    partner: str | None = None,
    title: str = "",
    token: str | None = None,
    pair_s: float | None = None,
    timing: Timing = timings.DEFAULT,
    observe: Observer | None = None,
) -> "Game":
    """Find a partner, and begin a game with them.

    Args:
        url: The server, for example `http://127.0.0.1:8192`.
        name: What the partner sees; at most 64 bytes, no comma.
        partner: The name of the one wanted partner, who must want `name`; None is anyone who wants anyone.
        title: The game title: only players of the same title meet.
        token: Of a session: the inbox of its user tells of the partner and of the game's end, if the user has one (has
            polled it once, or was written to; docs/messages.md, "Events"). None tells nobody.
        pair_s: How long to look for a partner; None is as long as it takes.
        timing: All other time-outs.
        observe: Called with each request line and its reply line, for logs and demonstrations.

    Raises:
        ValueError: The server would refuse the URL, title, names or token.
        NoRight: The session has ended.
        NoPartner: The time is up.
        WantedPartnerDropped: The wanted partner went away before play began.
        TurnserverError: See `turnserver.client.errors`.
    """
    floor = Floor()
    connection = Connection(address(url, title=title), timing, floor, observe)
    meeting = Meeting(wish(name, partner, token), timing)
    try:
        paired = connection.perform(meeting.meet(pair_s=pair_s))
    except BaseException:
        with suppress(TurnserverError):
            connection.perform(meeting.leave())
        connection.close()
        raise
    return Game(name, paired, connection, floor, timing)


class Game:
    """A running game with one partner. Use it with `with`, which quits it at the end; or call `quit`.

    The server ends a game of which one side made no request for 30 seconds: call `receive` now and then, as often as
    you like, also while you do not expect anything.
    """

    def __init__(self, name: str, paired: Paired, connection: Connection, floor: Floor, timing: Timing) -> None:
        self.name = name
        """This player's name."""
        self.partner: str = paired.partner
        """The partner's name, as it was registered."""
        self.role: Role = paired.role
        """Which part this player got: exactly one of the two has `Role.SERVER`."""
        self._connection = connection
        self._floor = floor
        self._timing = timing
        self._playing = Playing(paired.seat, timing)

    def send(self, text: str) -> None:
        """Send a text; when this returns, the server has it, and the partner gets it once.

        Raises:
            ValueError: The text is empty or too long (`turnserver.client.texts.pieces` cuts it).
            GameEnded: The game is over. The text does not reach the partner, unless it did so just before the end.
            NotDelivered: Too many texts are in line; this one was not sent.
            Unreachable: It is not known whether the server has it. It stays in line: the next `send` or `receive`
                settles it, and `quit` drops it. Do not send it a second time.
        """
        steps = self._playing.send(text)
        with self._floor.for_sending():
            self._connection.perform(steps)

    def receive(self, *, wait_s: float = 20.0) -> list[str]:
        """All texts that came, oldest first; empty if none came within `wait_s`. 0 does not wait.

        Raises:
            PartnerLeft: Everything that the partner sent was received, and no more will come.
            TurnserverError: As for `send`.
        """
        self._await_texts(wait_s)
        return self._playing.take()

    def receive_one(self) -> str:
        """The next text, as soon as it has come.

        Raises:
            TurnserverError: As for `receive`.
        """
        while (text := self._playing.take_one()) is None:
            self._await_texts(self._timing.hold_s)
        return text

    def __iter__(self) -> Iterator[str]:
        """Each text as it comes, until one of the two has left."""
        while True:
            try:
                text = self.receive_one()
            except (PartnerLeft, GameClosed):
                return
            yield text

    def chat(self) -> Chat:
        """The game's channel, where the two talk beside the game; names begin with `~` there. It is no sign of life."""
        chatting = Chatting(self._playing.key, GAME, self._timing, name=f"~{self.name}")
        return Chat(chatting, self._connection.another(), self._timing)

    def quit(self) -> None:
        """Leave the game. The partner still gets all that was sent; what it sends from now on is lost.

        Raises:
            Unreachable: The server did not hear it; the partner will notice the silence.
        """
        with self._floor.for_sending(wait_s=self._timing.quit_s):
            try:
                self._connection.perform(self._playing.quit())
            finally:
                self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(TurnserverError):
            self.quit()

    def _await_texts(self, wait_s: float) -> None:
        ends_s = time.monotonic() + wait_s
        left_s = wait_s
        while not self._playing.has_texts:
            try:
                self._poll(left_s)
            except GameEnded:
                if not self._playing.has_texts:  # else they come first, and the end with the next call
                    raise
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                return

    def _poll(self, left_s: float) -> None:
        hold_s = int(min(left_s, self._timing.hold_s))
        with self._floor.for_waiting(lambda: self._playing.has_texts, wait_s=left_s) as has_floor:
            if has_floor:
                self._connection.perform(self._playing.poll(hold_s))
