"""One HTTP connection: uvicorn's protocol, with a short way for POSTs of text and bounds on what it leaves open.

**The short way.** ASGI's machinery (a scope, a task, an event, receive and send) costs several times what a relay
update costs. A POST of text is answered here instead: straight from the parser's callback, or, where its commit must be
durable first, from the callback of its group. One that is willing to wait, or whose store is in another process, gets a
task and no more. The rules, the store and the replies are the same (`Exchange`). Everything else takes uvicorn's way:
other methods and paths, chunked bodies, `Expect`, requests that come before the reply to the one before, clients that
do not read their replies.

**The bounds.** uvicorn bounds neither the length of a request head nor the time that one takes to arrive, nor how long
a connection stays silent after it opened. Here a head that grows too long, a request that takes too long and whatever
does not parse are answered with `1/*/*`, and the connection is closed.
"""

import asyncio
import logging
import math
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from turnserver.edge.exchange import Exchange, Response, headers_of, refusal, unsettled
from turnserver.protocol import answers
from turnserver.settings import Settings
from turnserver.store.seam import Store
from turnserver.wire.paths import TextPath, text_path
from turnserver.wire.prefer import wait_s

logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # its warnings tell of clients' mistakes, one line each

LONG_WAY_HEADERS = frozenset((b"expect", b"upgrade", b"transfer-encoding"))
"""Headers that need what only uvicorn's way has."""


class _Ended:
    """`message_event` of an exchange that nobody waits for."""

    def set(self) -> None:
        """Nothing to wake."""


class Outbox:
    """Replies of one round of the event loop, written together when it is over.

    A reply written at once wakes a client that then runs beside us for that one reply; together they wake it once.
    """

    def __init__(self) -> None:
        self._replies: list[tuple[Connection, bytes]] = []

    def put(self, connection: "Connection", reply: bytes) -> None:
        """Write the reply when this round is over."""
        if not self._replies:
            connection.loop.call_soon(self._write)
        self._replies.append((connection, reply))

    def _write(self) -> None:
        replies, self._replies = self._replies, []
        for connection, reply in replies:
            connection.finish(reply)


class ShortExchange:
    """What uvicorn knows as the request under way; one serves all short exchanges of a connection, one at a time."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")

    message_event = _Ended()

    def __init__(self) -> None:
        self.response_complete = True
        self.disconnected = False
        self.keep_alive = True


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with the short way and bounded request heads.

    Args:
        exchange: Answers bodies of text.
        store: Tells when an answer may leave.
        outbox: Where answers leave that need not wait for the store; all connections share it.
        settings: The bounds.
        uvicorn: What uvicorn passes to its protocols.
    """

    def __init__(self, exchange: Exchange, store: Store, outbox: Outbox, settings: Settings, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._exchange = exchange
        self._store = store
        self._outbox = outbox
        self._settings = settings
        self._short = ShortExchange()
        self._path: TextPath | None = None
        self._body = b""
        self._reply = b""
        self._has_origin = False
        self._wait_s = 0.0
        self._task: asyncio.Task[None] | None = None
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
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parse_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.refuse()
        if self._is_unfinished:
            self._note_unfinished(len(data))

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
        self.parser = httptools.HttpRequestParser(self)
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
        self._path = self._short_path()
        if self._path is None:
            self._is_upgrade = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
            if not self._is_upgrade:
                self._take_long_way()
            return
        self._body = b""
        self.cycle = self._short  # type: ignore[assignment]  # all that uvicorn asks of a request under way
        self._short.response_complete = False
        self._short.keep_alive = self.parser.should_keep_alive()

    def _short_path(self) -> TextPath | None:
        """The text path that is posted to, if the short way can serve the request."""
        if self.parser.get_method() != b"POST":
            return None
        if (self.cycle is not None and not self.cycle.response_complete) or self.flow.write_paused:
            return None
        self._has_origin = False
        length, preference = -1, b""
        for name, value in self.headers:
            if name in LONG_WAY_HEADERS:
                return None
            if name == b"content-length":
                length = int(value)  # the parser has seen to it that these are digits
            elif name == b"origin":
                self._has_origin = True
            elif name == b"prefer":
                preference += b"," + value  # several headers of one name are one list
        target, _, query = self.url.decode("latin-1").partition("?")
        self._wait_s = 0
        if query or preference:
            self._wait_s = wait_s(preference.decode("latin-1"), query, wait_s_max=self._settings.wait_s_max)
        path = text_path(target)
        is_fitting = path is not None and 0 <= length <= self._settings.post_bytes_max(path.is_batch)
        return path if is_fitting else None

    def _take_long_way(self) -> None:
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body, or all of it."""
        if self._path is None:
            super().on_body(body)
        else:
            self._body = self._body + body if self._body else body

    def on_message_complete(self) -> None:
        """The request is whole: a short exchange is answered now."""
        if self._is_upgrade:
            return
        self._is_in_head, self._is_unfinished = True, False
        self._patience_s = math.inf
        if self._path is None:
            super().on_message_complete()
            return
        if self._wait_s or not self._store.is_immediate:
            self._task = self.loop.create_task(self._respond(self._body, self._path, self._wait_s))
            return
        response = self._answer(self._body, self._path)
        if self._store.is_settled:
            self._outbox.put(self, self._bytes(response))
        else:
            self._reply = self._bytes(response)
            self._store.when_settled(self._settled)

    def _answer(self, body: bytes, path: TextPath) -> Response:
        try:
            self._exchange.answer(body, path).send(None)
        except StopIteration as stop:
            response: Response = stop.value
            return response
        raise AssertionError("an exchange without a wait suspended over an immediate store")

    async def _respond(self, body: bytes, path: TextPath, seconds: float) -> None:
        """Answer when there is something to say; the loss of the connection cancels this."""
        response = await self._exchange.respond(body, path, seconds)
        self._task = None
        self._outbox.put(self, self._bytes(response))

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: nobody seems to wait who does not."""
        if self._task is not None:
            self._task.cancel()
        super().connection_lost(exc)

    def _settled(self, error: BaseException | None) -> None:
        """The store has settled, or failed to: the reply leaves."""
        if error is not None:
            self._reply = self._bytes(unsettled(error))
        self.finish(self._reply)

    def _bytes(self, response: Response) -> bytes:
        status, body = response.status, response.body
        if status == 200 and not self._has_origin and self._short.keep_alive and body.isascii():
            return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
        headers = headers_of(response, has_origin=self._has_origin)
        if not self._short.keep_alive:
            headers.append((b"connection", b"close"))
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        return b"%s%s\r\n%s" % (STATUS_LINE[status], lines, body)

    def finish(self, reply: bytes) -> None:
        """Let the reply leave and be ready for the next request."""
        self._short.response_complete = True
        self._body = self._reply = b""
        self.headers = []
        if self.transport.is_closing():
            return
        self.transport.write(reply)
        self.server_state.total_requests += 1
        if not self._short.keep_alive:
            self.transport.close()
        elif self.pipeline:
            self.on_response_complete()
        else:
            self._wait_for(self._settings.keep_alive_s)

    def close_if_stale(self) -> None:
        """Close the connection if the client is silent for too long; who began a request is told so."""
        if self.loop.time() - self._since_s <= self._patience_s:
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
        self.transport.write(self._bytes(refusal(answers.NO_LENGTH)))
        self.transport.close()
