"""One HTTP connection: uvicorn's protocol, with bounds on what it leaves open.

uvicorn bounds neither the length of a request head nor the time that one takes to arrive. Here a head that grows too
long is answered with 431, one that takes too long with 408, and whatever does not parse with `1/*/*`.
"""

import logging
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.settings import Settings

logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # its warnings tell of clients' mistakes, one line each


class Connection(HttpToolsProtocol):
    """uvicorn's connection with bounded request heads.

    Args:
        settings: `request_head_bytes_max` counts.
        uvicorn: What uvicorn passes to its protocols.
    """

    def __init__(self, settings: Settings, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._settings = settings
        self._head_bytes = 0
        self._is_in_head = True
        self.head_since_s: float | None = self.loop.time()
        """When the request head that is still incomplete began; None while none is."""

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; a head that grows too long is refused."""
        if self._is_in_head:
            self._head_bytes += len(data)
            if self.head_since_s is None:
                self.head_since_s = self.loop.time()
        super().data_received(data)
        if self._is_in_head and self._head_bytes > self._settings.request_head_bytes_max:
            self.refuse(431)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._is_in_head = False
        self._head_bytes = 0
        self.head_since_s = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole; what comes next is another head."""
        self._is_in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's sentence; ours is the protocol's
        """Answer what is no HTTP."""
        self.refuse(400)

    def refuse(self, status: int) -> None:
        """Answer with `1/*/*` and close."""
        if self.transport.is_closing():
            return
        body = Reply(answers.NO_LENGTH).line
        head = b"%scontent-length: %d\r\nconnection: close\r\n\r\n" % (STATUS_LINE[status], len(body))
        self.transport.write(head + body)
        self.transport.close()


def close_stale(connections: Iterable[Any], settings: Settings) -> None:
    """Refuse the connections whose request head takes too long."""
    for connection in tuple(connections):
        since_s = connection.head_since_s
        if since_s is not None and connection.loop.time() - since_s > settings.request_head_s_max:
            connection.refuse(408)
