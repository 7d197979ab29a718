"""The asynchronous client, over aiohttp (`pip install turnserver[async-client]`): the same games, rules and errors.

One task may wait for what the partner sends while others send: a text that is handed in ends the wait at once, and
the wait goes on after it. A cancelled call leaves the game whole: what was under way is settled by the next one.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from turnserver.client import timing as timings
from turnserver.client.address import address
from turnserver.client.async_chats import Chat
from turnserver.client.async_connection import NEEDLESS_HEADERS, Connection
from turnserver.client.chatting import GAME, Chatting
from turnserver.client.connection import Observer
from turnserver.client.errors import GameClosed, GameEnded, PartnerLeft, TurnserverError
from turnserver.client.meeting import Meeting
from turnserver.client.pairing import Paired, Role, wish
from turnserver.client.playing import Playing
from turnserver.client.timing import Timing


@asynccontextmanager
async def pair(  # noqa: PLR0913  # an option each; all but two can be left out
    url: str,
    name: str,
    *,
    partner: str | None = None,
    title: str = "",
    token: str | None = None,
    pair_s: float | None = None,
    timing: Timing = timings.DEFAULT,
    observe: Observer | None = None,
) -> AsyncIterator["Game"]:
    """Find a partner and begin a game with them; leaving the block quits it.

    Arguments and errors are those of `turnserver.client.blocking.pair`.
    """
    where, asked = address(url, title=title), wish(name, partner, token)
    async with aiohttp.ClientSession(skip_auto_headers=NEEDLESS_HEADERS, raise_for_status=False) as session:
        connection = Connection(session, where, timing, observe)
        game = Game(name, await _meet(connection, Meeting(asked, timing), pair_s), connection, timing)
        try:
            yield game
        finally:
            with suppress(TurnserverError):
                await game.quit()


async def _meet(connection: Connection, meeting: Meeting, pair_s: float | None) -> Paired:
    try:
        return await connection.perform(meeting.meet(pair_s=pair_s))
    except BaseException:
        with suppress(TurnserverError):
            await connection.perform(meeting.leave())
        raise


class Game:
    """A running game with one partner; see `turnserver.client.blocking.Game`."""

    def __init__(self, name: str, paired: Paired, connection: Connection, timing: Timing) -> None:
        self.name = name
        """This player's name."""
        self.partner: str = paired.partner
        """The partner's name, as it was registered."""
        self.role: Role = paired.role
        """Which part this player got: exactly one of the two has `Role.SERVER`."""
        self._connection = connection
        self._timing = timing
        self._playing = Playing(paired.seat, timing)

    async def send(self, text: str) -> None:
        """Send a text; when this returns, the server has it, and the partner gets it once.

        A call that raises `Unreachable` or is cancelled leaves it open whether the server has the text. It stays in
        line, the next `send` or `receive` settles it, and `quit` drops it: do not send it a second time.

        Raises:
            TurnserverError: As `turnserver.client.blocking.Game.send` raises.
        """
        steps = self._playing.send(text)
        async with self._connection.for_sending():
            await self._connection.perform(steps)

    async def receive(self, *, wait_s: float = 20.0) -> list[str]:
        """All texts that came, oldest first; empty if none came within `wait_s`. 0 does not wait.

        Raises:
            TurnserverError: As `turnserver.client.blocking.Game.receive` raises.
        """
        await self._await_texts(wait_s)
        return self._playing.take()

    async def receive_one(self) -> str:
        """The next text, as soon as it has come.

        Raises:
            TurnserverError: As for `receive`.
        """
        while (text := self._playing.take_one()) is None:
            await self._await_texts(self._timing.hold_s)
        return text

    async def __aiter__(self) -> AsyncIterator[str]:
        """Each text as it comes, until one of the two has left."""
        while True:
            try:
                text = await self.receive_one()
            except (PartnerLeft, GameClosed):
                return
            yield text

    def chat(self) -> Chat:
        """The game's channel; see `turnserver.client.blocking.Game.chat`."""
        chatting = Chatting(self._playing.key, GAME, self._timing, name=f"~{self.name}")
        return Chat(chatting, self._connection.another(), self._timing)

    async def quit(self) -> None:
        """Leave the game. The partner still gets all that was sent; what it sends from now on is lost.

        Raises:
            Unreachable: The server did not hear it; the partner will notice the silence.
        """
        async with self._connection.for_sending():
            await self._connection.perform(self._playing.quit())

    async def _await_texts(self, wait_s: float) -> None:
        ends_s = time.monotonic() + wait_s
        left_s = wait_s
        while not self._playing.has_texts:
            async with self._connection.for_waiting():
                if not self._playing.has_texts:
                    await self._poll(int(min(left_s, self._timing.hold_s)))
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                return

    async def _poll(self, hold_s: int) -> None:
        try:
            await self._connection.perform(self._playing.poll(hold_s))
        except GameEnded:
            if not self._playing.has_texts:  # else they come first, and the end with the next call
                raise
