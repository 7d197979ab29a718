"""One connection to a Redis server, shared by all requests of the process.

Commands of one round of the event loop leave together, some at a time, and their replies come back in order: many
requests in flight cost one round trip. Nothing is ever sent twice here: a reply that does not come means that nobody
knows whether the command was carried out, and that is what `StoreDown` says.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import hiredis

from turnserver.store.seam import StoreDown

PENDING_MAX = 100_000
"""Commands without a reply; more are refused, because a server that far behind will not answer in time."""

TOGETHER = 8
"""So many commands leave without waiting for the end of the round: Redis works on them while we make the next."""

CONFIRM_S_MAX = 0.5
"""How long replicas may take to confirm a round; the next one waits for them."""

Command = tuple[Any, ...]
Reply = Any
"""Bytes, a whole number, a list of replies, None, or a `hiredis.ReplyError`, which is not raised."""

Heard = Callable[[Reply], None]
"""Called with a reply, or with StoreDown where none will come; it must not raise."""


class Link(asyncio.Protocol):
    """A connection, once it is made.

    Args:
        where: The server, for messages.
        timeout_s: A reply that takes longer ends the connection.
    """

    def __init__(self, where: str, *, timeout_s: float) -> None:
        self.where = where
        self.opened_ms = 0
        """The server's clock when the connection was made."""
        self.is_open = False
        self.on_message: Callable[[bytes], None] | None = None
        """Set before a subscription: gets the messages of channels, which are no replies."""
        self.closed = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._timeout_s = timeout_s
        self._confirm = b""
        self._ack_replicas = 0
        self._reader = hiredis.Reader()
        self._out: list[bytes] = []
        self._pending: deque[Heard] = deque()
        self._heard_s = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._clock_ahead_ms = 0.0
        self._confirmation: asyncio.Future[Reply] | None = None
        """The confirmation of everything sent until now; None if there is nothing to confirm."""
        self._mark: asyncio.Future[Reply] | None = None
        """The reply to the write before it."""
        self._is_confirmed = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its base class
        self.is_open = True
        self._heard_s = self._loop.time()
        self._watch = self._loop.call_later(self._timeout_s / 2, self._check)

    def confirm(self, replicas: int, key: bytes) -> None:
        """From now on as many replicas have to confirm each round of commands; see `settle`.

        Each round writes to `key` first: since Redis 7.2 WAIT covers what others wrote only up to one's own last write.
        """
        self._ack_replicas = replicas
        wait_ms = round(1000 * min(CONFIRM_S_MAX, self._timeout_s / 2))
        self._confirm = b"".join(
            hiredis.pack_command(command)
            for command in (as_command("SET", key, ""), as_command("WAIT", replicas, wait_ms))
        )

    def call(self, command: Command) -> "asyncio.Future[Reply]":
        """Send a command; the future gets its reply, or StoreDown.

        Raises:
            StoreDown: The connection is gone, or too much is unanswered; nothing was sent.
        """
        reply, heard = _expected(self._loop)
        self.send(command, heard)
        return reply

    def send(self, command: Command, heard: Heard) -> None:
        """Send a command; call back with its reply, or with StoreDown.

        Raises:
            StoreDown: See `call`.
        """
        if not self.is_open:
            raise StoreDown(f"the connection to {self.where} was lost")
        if len(self._pending) >= PENDING_MAX:
            raise StoreDown(f"{self.where} is too slow")
        if not self._out:
            self._loop.call_soon(self._flush)
            self._is_confirmed = False
        self._out.append(hiredis.pack_command(command))
        self._expect(heard)
        if len(self._out) == TOGETHER and not self._ack_replicas:  # replicas are waited for once in a round
            self._flush()

    def _expect(self, heard: Heard) -> None:
        if not self._pending:
            self._heard_s = self._loop.time()
        self._pending.append(heard)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if not self.is_open or not out:
            return
        if self._ack_replicas:
            out.append(self._confirm)
            self._mark, heard = _expected(self._loop)
            self._mark.add_done_callback(self._marked)
            self._expect(heard)
            self._confirmation, heard = _expected(self._loop)
            self._confirmation.add_done_callback(self._confirmed)
            self._expect(heard)
        assert self._transport is not None
        self._transport.write(b"".join(out))

    def is_settled(self) -> bool:
        """False while replicas have not confirmed something that was sent."""
        return not self._ack_replicas or self._is_confirmed

    async def settle(self) -> None:
        """Return when enough replicas have what was sent until now.

        Raises:
            StoreDown: They have not, in time.
        """
        if self._out:
            self._flush()
        mark, confirmation = self._mark, self._confirmation
        if mark is None or confirmation is None:
            return
        replicas = await asyncio.shield(confirmation)
        if isinstance(mark.result(), hiredis.ReplyError):
            raise StoreDown(f"{self.where}: {mark.result()}")
        if isinstance(replicas, hiredis.ReplyError) or replicas < self._ack_replicas:
            raise StoreDown(f"{self.where}: {replicas} of {self._ack_replicas} replicas have confirmed")

    def _marked(self, mark: "asyncio.Future[Reply]") -> None:
        """Leave a server that will take no more writes: it has become a replica, or the key is elsewhere now."""
        _retrieved(mark)
        if not mark.exception() and str(mark.result()).startswith(("READONLY", "MOVED")):
            self.close()

    def _confirmed(self, confirmation: "asyncio.Future[Reply]") -> None:
        _retrieved(confirmation)
        if confirmation is self._confirmation and not self._out and not confirmation.exception():
            assert self._mark is not None
            replicas, is_marked = confirmation.result(), not isinstance(self._mark.result(), hiredis.ReplyError)
            self._is_confirmed = is_marked and isinstance(replicas, int) and replicas >= self._ack_replicas

    def data_received(self, data: bytes) -> None:
        """Hand the replies to those who wait for them; a mistake in one of these harms no other."""
        self._heard_s = self._loop.time()
        self._reader.feed(data)
        gets, pending = self._reader.gets, self._pending
        try:
            while self.is_open and (reply := gets()) is not False:
                if self.on_message is not None and isinstance(reply, list) and reply[0] == b"message":
                    self.on_message(reply[2])
                    continue
                heard = pending.popleft()
                try:
                    heard(reply)
                except Exception as error:  # noqa: BLE001  # see `_mistaken`
                    self._mistaken(error)
        except (hiredis.ProtocolError, IndexError):
            self.close()

    def _mistaken(self, error: Exception) -> None:
        """Let the event loop tell of a mistake in a callback, as it does elsewhere."""
        self._loop.call_exception_handler({"message": "in a reply of Redis", "exception": error})

    def now_ms(self) -> float:
        """About what the server's clock shows now."""
        return self._loop.time() * 1000 + self._clock_ahead_ms

    def heed_clock(self, now_ms: int) -> None:
        """The server's clock showed this when it wrote the reply that has just come."""
        self._clock_ahead_ms = now_ms - self._loop.time() * 1000

    def _check(self) -> None:
        """Give the server up if it owes a reply for too long."""
        if self._pending and self._loop.time() - self._heard_s > self._timeout_s:
            self.close()
        elif self.is_open:
            self._watch = self._loop.call_later(self._timeout_s / 2, self._check)

    def close(self) -> None:
        """End the connection now; who waits for a reply gets StoreDown."""
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody will get a reply any more."""
        self.is_open = False
        if self._watch is not None:
            self._watch.cancel()
        while self._pending:  # one who hears may close this again
            heard = self._pending.popleft()
            try:
                heard(StoreDown(f"the connection to {self.where} was lost"))
            except Exception as error:  # noqa: BLE001  # see `_mistaken`
                self._mistaken(error)
        if not self.closed.done():
            self.closed.set_result(exc)


def _expected(loop: asyncio.AbstractEventLoop) -> "tuple[asyncio.Future[Reply], Heard]":
    """A future, and what gives it its reply."""
    future: asyncio.Future[Reply] = loop.create_future()

    def heard(reply: Reply) -> None:
        if future.done():
            return
        if isinstance(reply, StoreDown):
            future.set_exception(reply)
            future.add_done_callback(_retrieved)
        else:
            future.set_result(reply)

    return future, heard


def _retrieved(future: "asyncio.Future[Reply]") -> None:
    """Nobody may be left to hear of a failure: that is no bug."""
    if not future.cancelled():
        future.exception()


def as_command(*parts: bytes | str | int) -> Command:
    """A command from its words and numbers."""
    return tuple(part if isinstance(part, bytes) else str(part).encode() for part in parts)
