"""A bad network between a client and a server: an HTTP proxy that loses, repeats, delays and cuts off."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Fate(Enum):
    """What becomes of one request."""

    GOOD = "answered"
    REQUEST_LOST = "it never arrives"
    REPLY_LOST = "it arrives, the reply does not"
    REPLY_CUT = "half of the reply arrives"
    TWICE = "it arrives twice, the second reply is the one that comes back"
    LATE = "it arrives after a later one, nobody hears the reply"
    BUSY = "something before the server answers 503"
    SWALLOWED = "the connection stays open, and nothing ever comes"


class Reply(NamedTuple):
    """What comes back."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    """Further ones. A length is added unless these say how the reply ends."""


class Asked(NamedTuple):
    """A request on its way."""

    path: str
    body: bytes
    prefer: str


class BadNetwork:
    """The proxy: an address of its own, and everything that passed."""

    def __init__(self, server: str, fate: Callable[[], Fate]) -> None:
        self._server = urlsplit(server).netloc
        self._fate = fate
        self._late: list[Asked] = []
        self._lock = threading.Lock()
        self.over = threading.Event()
        self.passing = threading.Event()
        """Set when a request passes."""
        self.holding = threading.Event()
        """Set when a request passes that wants to be held."""
        self.address = ""
        self.passed: list[Asked] = []
        """All requests that a client sent, in order."""
        self.connections = 0
        """How many connections clients opened."""

    def handle(self, asked: Asked) -> Reply | None:
        """What comes back of one request; None where the connection ends instead."""
        with self._lock:
            self.passed.append(asked)
            fate = self._fate()
            late, self._late = self._late, [asked] if fate is Fate.LATE else []
        self.passing.set()
        if asked.prefer:
            self.holding.set()
        reply = self._carry(asked, fate)
        for one in late:
            self._forward(one._replace(path=one.path.partition("?")[0], prefer=""))
        return reply

    def _carry(self, asked: Asked, fate: Fate) -> Reply | None:
        if fate is Fate.SWALLOWED:
            self.over.wait()
        if fate is Fate.BUSY:
            return Reply(503, b"<html>busy</html>", (("Retry-After", "0"),))
        if fate in (Fate.REQUEST_LOST, Fate.LATE, Fate.SWALLOWED):
            return None
        reply = self._forward(asked)
        if fate is Fate.TWICE:
            reply = self._forward(asked)
        if fate is Fate.REPLY_CUT:
            return reply._replace(headers=(("Content-Length", str(len(reply.body) + 1)), ("Connection", "close")))
        return None if fate is Fate.REPLY_LOST else reply

    def _forward(self, asked: Asked) -> Reply:
        connection = HTTPConnection(self._server, timeout=30)
        try:
            headers = {"Prefer": asked.prefer} if asked.prefer else {}
            connection.request("POST", asked.path, asked.body, headers)
            response = connection.getresponse()
            return Reply(response.status, response.read())
        finally:
            connection.close()


def _for_pages(origin: str | None) -> tuple[tuple[str, str], ...]:
    """The header with which a web page may read a reply, as it may read the server's own."""
    return () if origin is None else (("Access-Control-Allow-Origin", "*"),)


def seeded(seed: int, *, bad: float = 0.4) -> Callable[[], Fate]:
    """Fates by chance, the same ones for the same seed: so many of them bad, but none that never ends."""
    chance = random.Random(seed)
    bad_ones = [fate for fate in Fate if fate not in (Fate.GOOD, Fate.SWALLOWED)]
    return lambda: chance.choice(bad_ones) if chance.random() < bad else Fate.GOOD


def first(*fates: Fate) -> Callable[[], Fate]:
    """These fates, then good ones."""
    remaining = iter(fates)
    return lambda: next(remaining, Fate.GOOD)


@contextmanager
def bad_network(server: str, fate: Callable[[], Fate]) -> Iterator[BadNetwork]:
    """A bad network in front of a server."""
    network = BadNetwork(server, fate)
    with serving(lambda *asked: network.handle(Asked(*asked)), network) as network.address:
        yield network


@contextmanager
def serving(answer: Callable[[str, bytes, str], Reply | None], network: BadNetwork | None = None) -> Iterator[str]:
    """The address of an HTTP server that answers each POST with what `answer(path, body, prefer)` says."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            if network is not None:
                network.connections += 1

        def do_POST(self) -> None:  # http.server looks for this name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = answer(self.path, body, self.headers.get("Prefer", ""))
            if reply is None:
                self.close_connection = True
                return
            self.send_response_only(reply.status)
            if not {"Content-Length", "Transfer-Encoding", "Connection"} & dict(reply.headers).keys():
                self.send_header("Content-Length", str(len(reply.body)))
            for name, value in (*reply.headers, *_for_pages(self.headers.get("Origin"))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up is no error."""

    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_address[1]}"
        finally:
            if network is not None:
                network.over.set()
            running.shutdown()
            thread.join()
