"""The load: connections that each send the next request as soon as the reply to the latest is there.

A client written for this alone, on uvloop: it must be a good deal faster than the server, so it parses no more of a
reply than its length and its first bytes.
"""

import asyncio
import gc
import time
from collections.abc import Callable
from typing import NamedTuple, cast

import uvloop

HEAD = b"POST %s HTTP/1.1\r\nHost:x\r\nContent-Length:%d\r\n\r\n%s"


class Result(NamedTuple):
    """What a run of load came to."""

    replies: int
    seconds: float
    bad: int
    """Replies that were not the expected kind."""

    @property
    def per_s(self) -> float:
        """Replies per second."""
        return self.replies / self.seconds


class Connection(asyncio.Protocol):
    """One connection of the load.

    Args:
        next_body: Called with the latest reply's body; gives the next request's.
        target: Where the requests go, waits included.
    """

    def __init__(self, next_body: Callable[[bytes], bytes], target: bytes = b"/") -> None:
        self._next_body = next_body
        self._target = target
        self._received = b""
        self.replies = 0
        self.bad = 0
        self.is_stopped = False
        self.idle = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; nothing is sent before `start`."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is of no such class

    def start(self) -> None:
        """Send the first request."""
        self.is_stopped = False
        self.idle.clear()
        self.send(self._next_body(b""))

    def send(self, body: bytes) -> None:
        """Send one request."""
        self.transport.write(HEAD % (self._target, len(body), body))

    def data_received(self, data: bytes) -> None:
        """Count a whole reply and send the next request."""
        data = self._received + data if self._received else data
        end = data.find(b"\r\n\r\n") + 4
        start = data.find(b"content-length: ") + 16
        if end < 4 or len(data) < end + int(data[start : data.find(b"\r", start)]):
            self._received = data
            return
        self._received = b""
        self.replies += 1
        body = data[end:]
        self.bad += not data.startswith(b"HTTP/1.1 200")
        if self.is_stopped:
            self.idle.set()
        else:
            self.send(self._next_body(body))


async def connect(port: int, next_body: Callable[[bytes], bytes], target: bytes = b"/") -> Connection:
    """One connection, open and quiet."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(next_body, target), "127.0.0.1", port)
    return connection


async def run(connections: list[Connection], seconds: float) -> Result:
    """Let all connections go for some time; each ends with its latest reply read."""
    before = sum(connection.replies for connection in connections)
    bad_before = sum(connection.bad for connection in connections)
    started_s = time.perf_counter()
    for connection in connections:
        connection.start()
    await asyncio.sleep(seconds)
    for connection in connections:
        connection.is_stopped = True
    spent_s = time.perf_counter() - started_s
    replies = sum(connection.replies for connection in connections) - before
    await asyncio.wait_for(asyncio.gather(*(connection.idle.wait() for connection in connections)), 30)
    return Result(replies, spent_s, sum(connection.bad for connection in connections) - bad_before)


def leave_garbage() -> None:
    """Leave all that there is now out of collections of garbage: the load's own pauses would count as the server's."""
    gc.collect()
    gc.freeze()


def runner() -> asyncio.Runner:
    """An event loop for the load."""
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)
