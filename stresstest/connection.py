"""One keep-alive connection for one request at a time, as light as it can be.

A general HTTP client costs several times as much per request as the server under test. httptools (uvicorn's parser)
reads the responses; a request is a template with the length filled in.
"""

import asyncio
import os
import ssl
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools

REPLY_BYTES_MAX = 4_194_304
"""The longest response that is read: many times what a server buffers for one player."""


class NoReply(Exception):
    """No response came; the message says why, in words that do not differ from one request to the next."""


class Target(NamedTuple):
    """Where requests go."""

    host: str
    port: int
    path: str
    is_tls: bool
    authority: str
    """The `host` header."""


class Response(NamedTuple):
    """A response; headers do not matter here."""

    status: int
    body: bytes


def target(url: str) -> Target:
    """The target that a URL names.

    Raises:
        ValueError: It is no `http://` or `https://` URL.
    """
    parts = urlsplit(url)  # raises ValueError for a broken address; so does `port` for one out of range
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not the URL of a server: {url}")
    is_tls = parts.scheme == "https"
    return Target(parts.hostname, parts.port or (443 if is_tls else 80), parts.path or "/", is_tls, parts.netloc)


class Connection:
    """A connection to a target, opened when it is needed; one request at a time.

    Args:
        server: Where to.
        timeout_s: Without a response for that long, the request is given up and the connection closed.
    """

    def __init__(self, server: Target, timeout_s: float) -> None:
        self._server = server
        self._timeout_s = timeout_s
        self._wire: _Wire | None = None
        host = server.authority.encode()
        self._post = b"POST %s HTTP/1.1\r\nhost: %s\r\n%%scontent-length: %%d\r\n\r\n" % (server.path.encode(), host)
        self._get = b"GET %s HTTP/1.1\r\nhost: %s\r\naccept: text/plain\r\n\r\n" % (server.path.encode(), host)

    async def post(self, body: bytes, wait_s: int = 0) -> Response:
        """Post a body.

        Args:
            body: All of it.
            wait_s: How long the server may hold the answer (RFC 7240); the time-out counts from then on.

        Raises:
            NoReply: No response came; the server may have had the request, or not.
        """
        prefer = b"prefer: wait=%d\r\n" % wait_s if wait_s else b""
        return await self._exchange(self._post % (prefer, len(body)) + body, wait_s)

    async def get(self) -> Response:
        """Get the target's page as plain text; raises as `post` does."""
        return await self._exchange(self._get, 0)

    async def open(self) -> None:
        """Connect, if it is not; raises as `post` does."""
        if self._wire is None or self._wire.is_closed:
            self._wire = await self._connected()

    def close(self) -> None:
        """Close; the next request connects again."""
        if self._wire is not None:
            self._wire.abort()
            self._wire = None

    async def _exchange(self, request: bytes, wait_s: int) -> Response:
        await self.open()
        assert self._wire is not None
        try:
            return await self._wire.exchange(request, wait_s + self._timeout_s)
        except BaseException:
            self.close()
            raise

    async def _connected(self) -> "_Wire":
        server = self._server
        try:
            async with asyncio.timeout(self._timeout_s):
                _, wire = await asyncio.get_running_loop().create_connection(
                    _Wire, server.host, server.port, ssl=ssl.create_default_context() if server.is_tls else None
                )
        except TimeoutError:
            raise NoReply("no connection in time") from None
        except OSError as error:
            raise NoReply(f"no connection: {_words(error)}") from None
        return wire


def _words(error: OSError) -> str:
    """Why there is no connection, without the address: the same for all players."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or type(error).__name__


class _Wire(asyncio.Protocol):
    """The protocol below: feeds httptools, whose callbacks are the `on_` methods."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Response] | None = None
        self._body = b""
        self.is_closed = False
        self._parser = httptools.HttpResponseParser(self)

    async def exchange(self, request: bytes, timeout_s: float) -> Response:
        assert self._transport is not None, "connected"
        assert self._waiter is None, "one request at a time"
        self._waiter = self._loop.create_future()
        timer = self._loop.call_later(timeout_s, self._fail, "no reply in time")
        self._transport.write(request)
        try:
            return await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def abort(self) -> None:
        self.is_closed = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are of no class of asyncio's

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._end("what came is no HTTP")
        if len(self._body) > REPLY_BYTES_MAX:
            self._end("a reply too long to read")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # why it ended makes no difference
        self._end("the connection was closed")

    def on_body(self, data: bytes) -> None:
        self._body = self._body + data if self._body else data

    def on_message_complete(self) -> None:
        response = Response(self._parser.get_status_code(), self._body)
        self._body = b""
        waiter = self._waiter if self._waiter is not None and not self._waiter.done() else None
        if waiter is not None:
            waiter.set_result(response)
        if waiter is None or not self._parser.should_keep_alive():
            self.abort()  # after a response to nothing, whatever comes next would answer the wrong request

    def _end(self, why: str) -> None:
        self.abort()
        self._fail(why)

    def _fail(self, why: str) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(NoReply(why))
