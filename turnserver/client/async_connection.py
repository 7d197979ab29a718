"""A connection over aiohttp, which performs posts one after the other."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from turnserver.client.address import Address
from turnserver.client.connection import REPLY_BYTES_MAX, Observer, with_jitter
from turnserver.client.errors import Closed
from turnserver.client.exchange import Heard, Missed, Post, Steps, T, reason
from turnserver.client.timing import Timing
from turnserver.wire.numbers import number

NEEDLESS_HEADERS = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
"""Headers that the server has no use for."""


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

    def another(self) -> "Connection":
        """One more to the same server, on which tasks take turns by themselves."""
        return Connection(self._session, self._address, self._timing, self._observe)

    @property
    def is_over(self) -> bool:
        """True once the block has ended that it belongs to."""
        return self._session.closed

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
        if self.is_over:
            raise Closed("the `async with` block that it belongs to has ended")
        try:
            heard = await (self._held(post) if post.wait_s else self._exchange(post.line, 0))
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            was_sent = not isinstance(error, aiohttp.ClientConnectorError)
            return Missed(reason(self._address.url, error), time.monotonic() - started_s, was_sent)
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
