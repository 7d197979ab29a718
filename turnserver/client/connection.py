"""One keep-alive connection over `http.client`, which performs posts one after the other."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

from turnserver.client.address import Address
from turnserver.client.exchange import Heard, Missed, Post, Steps, T, reason
from turnserver.client.floor import Floor
from turnserver.client.timing import Timing
from turnserver.wire.numbers import number

REPLY_BYTES_MAX = 8_388_608
"""Longest reply that is read: many times what a server buffers for one player, and no danger to memory."""

JITTER = 0.25
"""Pauses are up to this part longer by chance, so that the clients of a server that fell do not come back as one."""

Observer = Callable[[bytes, bytes], None]
"""Called with each request line and the reply line that was heard for it."""


class Connection:
    """A connection to one server. It is opened when it is needed, and closed before a request is repeated."""

    def __init__(self, address: Address, timing: Timing, floor: Floor, observe: Observer | None) -> None:
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._http = kind(address.host, address.port, timeout=timing.connect_s)
        self._address = address
        self._timing = timing
        self.floor = floor
        """Who may talk on this connection."""
        self._observe = observe

    def another(self) -> "Connection":
        """One more to the same server, with a floor of its own."""
        return Connection(self._address, self._timing, Floor(), self._observe)

    def perform(self, steps: Steps[T]) -> T:
        """Perform all posts of `steps`, one after the other, and return their result."""
        try:
            post = next(steps)
            while True:
                post = steps.send(self._post(post))
        except StopIteration as end:
            result: T = end.value
            return result

    def close(self) -> None:
        """Close the connection; the next post opens it again."""
        self._http.close()

    def end(self) -> None:
        """Be done with it, from any thread: nothing is posted any more, and who waits or comes later gets `Closed`.

        The thread that has the floor closes the connection when it leaves: nobody else may while it reads from it.
        """
        self.floor.end(self.close)

    def _post(self, post: Post) -> Heard | Missed:
        started_s = time.monotonic()
        if post.pause_s:
            self.floor.pause(with_jitter(post.pause_s))
        self.floor.must_go_on()
        try:
            response, line = self._exchange(post)
        except (OSError, HTTPException) as error:
            self.close()
            was_sent = not isinstance(error, ConnectionRefusedError)
            return Missed(reason(self._address.url, error), time.monotonic() - started_s, was_sent)
        except BaseException:
            self.close()
            raise
        if self._observe is not None:
            self._observe(post.line, line)
        retry_after_s = number(response.headers.get("Retry-After", "")) or 0
        return Heard(response.status, line, retry_after_s, time.monotonic() - started_s)

    def _exchange(self, post: Post) -> tuple[HTTPResponse, bytes]:
        if self._http.sock is None:
            self._http.connect()
        sock = self._http.sock
        hold: AbstractContextManager[bool] = self.floor.hold(sock) if post.wait_s else nullcontext(False)
        with hold as may_hold:
            wait_s = post.wait_s if may_hold else 0
            sock.settimeout(wait_s + self._timing.reply_s)
            headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
            self._http.request("POST", self._address.path, post.line, headers)
            response = self._http.getresponse()
            line = response.read(REPLY_BYTES_MAX + 1)
        # A read of so many bytes at most does not complain about a reply that ends too early.
        if not (response.chunked or response.length == 0) or len(line) > REPLY_BYTES_MAX:
            raise HTTPException(f"a reply that was cut off, or has more than {REPLY_BYTES_MAX:,} bytes")
        return response, line


def with_jitter(pause_s: float) -> float:
    """A pause, longer by chance."""
    return pause_s * random.uniform(1, 1 + JITTER)  # noqa: S311  # no secret depends on it
