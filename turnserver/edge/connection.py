"""One HTTP connection: uvicorn's protocol, with a short way for POSTs of text and bounds on what it leaves open.

**The short way.** ASGI's machinery (a scope, a task, an event, receive and send) costs several times what a relay
update costs. A POST of text is answered here instead: straight from the parser's callback, or, where its commit must be
durable first, from the callback of its group. One that is willing to wait stands in the store meanwhile (`Hold`), and
one whose store is in another process gets a task and no more. The rules, the store and the replies are the same
(`Exchange`). Everything else takes uvicorn's way: other methods and paths, chunked bodies, `Expect`, requests that come
before the reply to the one before, clients that do not read their replies. A request that comes whole and with a head
that was seen before (`Heads`) is not even parsed.

**The bounds.** uvicorn bounds neither the length of a request head nor the time that one takes to arrive, nor how long
a connection stays silent after it opened. Here a head that grows too long, a request that takes too long and whatever
does not parse are answered with `1/*/*`, and the connection is closed.
"""

import asyncio
import logging
import math
from collections.abc import Coroutine
from functools import partial
from typing import Any

import httptools

from turnserver.edge.exchange import Exchange, Response, refusal
from turnserver.edge.handover import Resumed
from turnserver.edge.heads import Head, Heads, read_head
from turnserver.edge.lean import LeanProtocol
from turnserver.edge.outbox import Outbox
from turnserver.edge.peer import address_of, proxies_of
from turnserver.edge.written import OK_HEADS, written
from turnserver.protocol import answers
from turnserver.service.holding import Hold
from turnserver.service.peer import PEER
from turnserver.settings import Settings
from turnserver.store.seam import Store

logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # its warnings tell of clients' mistakes, one line each


class _Ended:
    """`message_event` of an exchange that nobody waits for."""

    def set(self) -> None:
        """Nothing to wake."""


class ShortExchange:
    """What uvicorn knows as the request under way; one serves all short exchanges of a connection, one at a time."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")

    message_event = _Ended()

    def __init__(self) -> None:
        self.response_complete = True
        self.disconnected = False
        self.keep_alive = True


class Connection(LeanProtocol):
    """uvicorn's connection, with the short way and bounded request heads.

    Args:
        exchange: Answers bodies of text.
        store: Tells when an answer may leave.
        outbox: Where answers leave that need not wait for the store; all connections share it.
        heads: The heads that need no parsing; all connections share them.
        settings: The bounds.
        uvicorn: What uvicorn passes to its protocols.
    """

    __slots__ = (
        "_body",
        "_exchange",
        "_has_origin",
        "_head",
        "_head_bytes",
        "_heads",
        "_hold",
        "_is_in_head",
        "_is_unfinished",
        "_is_upgrade",
        "_outbox",
        "_patience_s",
        "_reply",
        "_settings",
        "_short",
        "_since_s",
        "_store",
        "_task",
        "_usage",
    )

    def __init__(  # what all connections share
        self, exchange: Exchange, store: Store, outbox: Outbox, heads: Heads, settings: Settings, **uvicorn: Any
    ) -> None:
        super().__init__(**uvicorn)
        self._exchange = exchange
        self._usage = exchange.usage
        self._update, self._batch = exchange.update, exchange.batch
        self._store = store
        self._outbox = outbox
        self._heads, self._known_head = heads, heads.get
        self._settings = settings
        self._short = ShortExchange()
        self._head: Head | None = None
        self._body = b""
        self._has_origin = False
        self._task: asyncio.Task[None] | None = None
        self._hold: Hold | None = None
        self._head_bytes = 0
        self._is_in_head = True
        self._is_unfinished = False
        self._is_upgrade = False
        self._wait_for(settings.keep_alive_s)

    def _wait_for(self, patience_s: float) -> None:
        """From now on the client owes us something: a request, the rest of a head, the rest of a body."""
        self._since_s = self.loop.time()
        self._patience_s = patience_s

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, and take note of what is missing."""
        self._usage.received_bytes += len(data)
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        is_start, end = not self._is_unfinished, data.find(b"\r\n\r\n") + 4
        if is_start:
            head = self._known_head(data[:end])
            if head is not None and len(data) == end + head.body_bytes and not self._is_busy():
                self._serve(head, data[end:])
                return
        if self.parser is None:
            self.make_parser()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parse_without_upgrade(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError:
            self.refuse()
            return
        if self._is_unfinished:
            self._note_unfinished(len(data))
        elif is_start and self._short.keep_alive:
            self._learn(data, end)

    def _learn(self, data: bytes, end: int) -> None:
        """Know the head in future, if `data` was one whole request and the short way served it."""
        head = self._head
        if head is not None and len(data) == end + head.body_bytes:
            self._heads.add(data[:end], head)

    def _is_busy(self) -> bool:
        """True while the reply to the request before is not on its way: the short way serves one at a time."""
        return (self.cycle is not None and not self.cycle.response_complete) or self.is_write_paused

    def _note_unfinished(self, size: int) -> None:
        """A request has begun and is not whole: give the rest its time, and a head its length."""
        if self._is_in_head:
            if not self._head_bytes:
                self._wait_for(self._settings.request_head_s_max)
            self._head_bytes += size
            if self._head_bytes > self._settings.request_head_bytes_max:
                self.refuse()
        elif self._patience_s != self._settings.body_s_max:
            self._wait_for(self._settings.body_s_max)

    def _parse_without_upgrade(self, rest: bytes) -> None:
        """Serve a request that asks for an upgrade (Java's client does, for HTTP/2) as if it had not.

        The parser takes what follows such a head for another protocol and leaves the body alone. So the head is read
        again, by a new parser and without the header that asks.
        """
        data = self._head_without_upgrade() + rest
        self._usage.received_bytes -= len(data)  # they are parsed a second time, but came once
        self.make_parser()
        self._is_upgrade = False
        self.data_received(data)

    def _head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version), *lines, b"", b""])

    def on_message_begin(self) -> None:
        """A request begins. What uvicorn prepares here it prepares when it is needed."""
        self._is_in_head = self._is_unfinished = True
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header of the request."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is whole: decide which way the request goes."""
        self._is_in_head = False
        self._head_bytes = 0
        self._head = self._short_head()
        if self._head is None:
            self._is_upgrade = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
            if not self._is_upgrade:
                self._take_long_way()
            return
        self._body = b""
        self.cycle = self._short  # type: ignore[assignment]  # all that uvicorn asks of a request under way
        self._short.response_complete = False
        self._short.keep_alive = self.parser.should_keep_alive()

    def _short_head(self) -> Head | None:
        """The head, if the short way can serve the request."""
        if self.parser.get_method() != b"POST" or self._is_busy():
            return None
        return read_head(self.url, self.headers, self._settings)

    def _take_long_way(self) -> None:
        url, headers = self.url, self.headers
        self.make_whole()
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body, or all of it."""
        if self._head is None:
            super().on_body(body)
        else:
            self._body = self._body + body if self._body else body

    def on_message_complete(self) -> None:
        """The request is whole: a short exchange is answered now."""
        if self._is_upgrade:
            return
        self._is_in_head, self._is_unfinished = True, False
        head = self._head
        if head is None:
            self._patience_s = math.inf
            super().on_message_complete()
        else:
            body, self._body, self.headers = self._body, b"", []
            self._serve(head, body)

    def _serve(self, head: Head, body: bytes) -> None:
        """Answer a whole request the short way."""
        short = self._short
        self.cycle = short  # type: ignore[assignment]  # all that uvicorn asks of a request under way
        short.response_complete = False
        self._has_origin = head.has_origin
        if head.is_plain:
            text = self._batch(body) if head.path.is_batch else self._update(body)
            if text is not None:
                self._leave_text(text)
                return
        self._head = head
        if not self._store.is_immediate:
            is_short = head.is_plain and not head.path.is_batch
            if not (is_short and self._exchange.send(body, partial(self._answered, body, head))):
                self._hand_over(self._respond(body, head))
        elif head.wait_s and not head.path.is_batch:
            quick = self._exchange.hold(body, head.wait_s)
            if quick is None:
                self._take(self._exchange.begin(body, head.path, head.wait_s))
            else:
                self._taken(quick)
        else:
            self._take(self._exchange.answer(body, head.path))

    def _answered(self, body: bytes, head: Head, reply: bytes | Response | None) -> None:
        """What was sent to the store is answered, or has to go the general way after all."""
        if self.transport.is_closing():
            return
        if reply is None:
            self._hand_over(self._respond(body, head))
        elif isinstance(reply, Response):
            self._leave(reply)
        else:
            self._leave_text(reply)

    def _leave_text(self, text: bytes) -> None:
        """Let the reply to a plain request leave as soon as the store has settled."""
        is_usual = self._short.keep_alive and len(text) < len(OK_HEADS) and text.isascii()
        self._outbox.put(self, OK_HEADS[len(text)] + text if is_usual else self._bytes(Response(200, text)))

    def _leave(self, response: Response) -> None:
        """Let the response leave as soon as the store has settled."""
        self._outbox.put(self, self._bytes(response))

    def _take(self, answering: Coroutine[Any, Any, Response | Hold]) -> None:
        """Answer, or let the request wait; where that waits for more than the store, a task goes on with it."""
        try:
            waits_for = answering.send(None)
        except StopIteration as stop:
            self._taken(stop.value)
        else:
            self._hand_over(self._go_on(Resumed(answering, waits_for)))

    def _taken(self, answered: Response | Hold) -> None:
        if isinstance(answered, Hold):
            self._hold = answered
            self._exchange.holding.watch(answered, self._woken)
        else:
            self._leave(answered)

    def _woken(self, line: bytes | None) -> None:
        """There is a line to answer the request with that is held, or there may be something to say to it."""
        hold = self._hold
        assert hold is not None
        self._end_hold(hold)
        if line is None:
            self._take(self._exchange.go_on(hold))
        else:
            self._leave(Response(200, line))

    def _end_hold(self, hold: Hold) -> None:
        self._hold = None
        self._exchange.holding.end_watch(hold)

    async def _go_on(self, answering: Resumed[Response | Hold]) -> None:
        PEER.set(self.peer)
        answered = await answering
        self._task = None
        self._taken(answered)

    def _hand_over(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a task go on with the request under way."""
        self.know_client()
        self._task = self.loop.create_task(work)

    def peer(self) -> str:
        """The address that the request under way comes from, once it was handed over."""
        client = self.client[0] if self.client else None
        forwarded = self._head.forwarded if self._head is not None else ()
        return address_of(client, forwarded, proxies=proxies_of(self._settings.proxies))

    async def _respond(self, body: bytes, head: Head) -> None:
        """Answer when there is something to say; the loss of the connection cancels this."""
        PEER.set(self.peer)
        response = await self._exchange.answer(body, head.path, head.wait_s)
        self._task = None
        self._leave(response)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: nobody seems to wait who does not."""
        if self._task is not None:
            self._task.cancel()
        if self._hold is not None:
            self._end_hold(self._hold)
        super().connection_lost(exc)

    def fail(self, error: BaseException) -> None:
        """What the reply tells could not be made durable: say so in its place."""
        self.finish(self._bytes(self._exchange.unsettled(error)))

    def _bytes(self, response: Response) -> bytes:
        return written(response, has_origin=self._has_origin, keep_alive=self._short.keep_alive)

    def finish(self, reply: bytes) -> None:
        """Let the reply leave and be ready for the next request."""
        self._short.response_complete = True
        transport = self.transport
        if transport.is_closing():
            return
        transport.write(reply)
        self._usage.sent_bytes += len(reply)
        if not self._short.keep_alive:
            transport.close()
        elif self.pipeline:
            self.on_response_complete()
        else:
            self._wait_for(self._settings.keep_alive_s)

    def close_if_stale(self) -> None:
        """Close the connection if the client is silent for too long; who began a request is told so."""
        is_served = not (self._short.response_complete or self._is_unfinished)
        if is_served or self.loop.time() - self._since_s <= self._patience_s:
            return
        if self._is_unfinished:
            self.refuse()
        else:
            self.transport.close()

    def refuse(self) -> None:
        """Answer with `1/*/*` and close; the replies to whole requests that came before leave first, and close."""
        if self.transport.is_closing():
            return
        if self._is_in_head and self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
            return
        self._short.keep_alive = self._has_origin = False
        self._usage.refused(answers.NO_LENGTH)
        self.transport.write(self._bytes(refusal(answers.NO_LENGTH)))
        self.transport.close()
