"""The asynchronous client, over aiohttp (`pip install turnserver[async-client]`): the same games, rules and errors.

One task may wait for what the partner sends while others send: a text that is handed in ends the wait at once, and
the wait goes on after it. A cancelled call leaves the game whole: what was under way is settled by the next one.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from turnserver.client import timing as timings
from turnserver.client.address import Address, address
from turnserver.client.connection import REPLY_BYTES_MAX, Observer, with_jitter
from turnserver.client.errors import GameClosed, PartnerLeft, TurnserverError
from turnserver.client.exchange import Heard, Missed, Post, Steps, T, reason
from turnserver.client.meeting import Meeting
from turnserver.client.pairing import Paired, Role, wish
from turnserver.client.playing import Playing
from turnserver.client.timing import Timing
from turnserver.wire.numbers import number


@asynccontextmanager
async def pair(  # noqa: PLR0913  # an option each; all but two can be left out
    url: str,
    name: str,
    *,
    partner: str | None = None,
    title: str = "",
    pair_s: float | None = None,
    timing: Timing = timings.DEFAULT,
    observe: Observer | None = None,
) -> AsyncIterator["Game"]:
    """Find a partner and begin a game with them; leaving the block quits it.

    Arguments and errors are those of `turnserver.client.blocking.pair`.
    """
    where, asked = address(url, title=title), wish(name, partner)
    async with aiohttp.ClientSession(skip_auto_headers=NEEDLESS_HEADERS, raise_for_status=False) as session:
        connection = Connection(session, where, timing, observe)
        game = Game(name, await _meet(connection, Meeting(asked, timing), pair_s), connection, timing)
        try:
            yield game
        finally:
            with suppress(TurnserverError):
                await game.quit()


NEEDLESS_HEADERS = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
"""Headers that the server has no use for."""


async def _meet(connection: "Connection", meeting: Meeting, pair_s: float | None) -> Paired:
    try:
        return await connection.perform(meeting.meet(pair_s=pair_s))
    except BaseException:
        with suppress(TurnserverError):
            await connection.perform(meeting.leave())
        raise


class Game:
    """A running game with one partner; see `turnserver.client.blocking.Game`."""

    def __init__(self, name: str, paired: Paired, connection: "Connection", timing: Timing) -> None:
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

        A call that raises `Unreachable` or is cancelled leaves it open whether the server has the text. It stays first
        in line, the next call of any method settles it: do not send it a second time.

        Raises:
            TurnserverError: As `turnserver.client.blocking.Game.send` raises.
        """
        async with self._connection.for_sending():
            await self._connection.perform(self._playing.send(text))

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
                    await self._connection.perform(self._playing.poll(int(min(left_s, self._timing.hold_s))))
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                return


class Connection:
    """A connection to one server, on which tasks take turns; those that send end the hold of one that waits."""

    def __init__(
        self, session: aiohttp.ClientSession, where: Address, timing: Timing, observe: Observer | None
    ) -> None:
        self._session = session
        self._address = where
        self._timing = timing
        self._observe = observe
        self._turn = asyncio.Lock()  # serves who came first, so nobody starves
        self._senders = 0
        self._wants_to_send = asyncio.Event()

    @asynccontextmanager
    async def for_sending(self) -> AsyncIterator[None]:
        """Take the turn; a hold of whoever has it ends now."""
        self._senders += 1
        self._wants_to_send.set()
        try:
            await self._turn.acquire()
        finally:
            self._senders -= 1
            if not self._senders:
                self._wants_to_send.clear()
        try:
            yield
        finally:
            self._turn.release()

    def for_waiting(self) -> asyncio.Lock:
        """Take the turn, with `async with`, for a poll."""
        return self._turn

    async def perform(self, steps: Steps[T]) -> T:
        """Perform all posts of `steps`, one after the other, and return their result."""
        try:
            post = next(steps)
            while True:
                post = steps.send(await self._post(post))
        except StopIteration as end:
            result: T = end.value
            return result

    async def _post(self, post: Post) -> Heard | Missed:
        started_s = time.monotonic()
        if post.pause_s:
            await asyncio.sleep(with_jitter(post.pause_s))
        try:
            heard = await (self._held(post) if post.wait_s else self._exchange(post.line, 0))
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            return Missed(reason(self._address.url, error), time.monotonic() - started_s)
        return heard._replace(took_s=time.monotonic() - started_s)

    async def _held(self, post: Post) -> Heard:
        """Let the server hold the answer until a task wants to send; that one gets its turn at once."""
        if self._wants_to_send.is_set():
            return await self._exchange(post.line, 0)
        hold = asyncio.ensure_future(self._exchange(post.line, post.wait_s))
        end = asyncio.ensure_future(self._wants_to_send.wait())
        try:
            await asyncio.wait((hold, end), return_when=asyncio.FIRST_COMPLETED)
            if hold.done():
                return hold.result()
            raise ConnectionAbortedError("another task wants to send")
        finally:
            hold.cancel()
            end.cancel()
            await asyncio.gather(hold, end, return_exceptions=True)

    async def _exchange(self, line: bytes, wait_s: int) -> Heard:
        headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
        timeout = aiohttp.ClientTimeout(total=wait_s + self._timing.reply_s, connect=self._timing.connect_s)
        url = self._address.url
        async with self._session.post(url, data=line, headers=headers, timeout=timeout) as response:
            reply = await _read(response)
            retry_after_s = number(response.headers.get("Retry-After", "")) or 0
        if self._observe is not None:
            self._observe(line, reply)
        return Heard(response.status, reply, retry_after_s, 0.0)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    if response.content_length is None and "Transfer-Encoding" not in response.headers:
        raise aiohttp.ClientPayloadError("a reply without a length: nobody can tell whether it was cut off")
    reply = bytearray()
    async for part in response.content.iter_any():
        reply += part
        if len(reply) > REPLY_BYTES_MAX:
            raise aiohttp.ClientPayloadError(f"a reply of more than {REPLY_BYTES_MAX:,} bytes")
    return bytes(reply)
