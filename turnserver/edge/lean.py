"""uvicorn's protocol, made as little by little as a connection needs it.

Most connections only ever carry POSTs of text with heads that are known. What uvicorn makes for every connection (a
parser, flow control, a line for requests that come too early, addresses, some forty attributes) is made here when it is
first asked for: ten thousand players who wait cost a third of the memory.
"""

import asyncio
import logging
from collections import deque
from typing import Any

import httptools
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

_LOGGER = logging.getLogger("uvicorn.error")

_UNMADE: Any = None
"""Stands for what a connection may come to need, until it does."""

_NOTHING_IN_LINE: deque[Any] = deque()
"""What waits at a connection on which uvicorn has served nothing."""


class LeanProtocol(HttpToolsProtocol):
    """One connection, for a subclass that serves most requests without uvicorn.

    Before uvicorn serves the first, `make_whole` is called; before anything is parsed, `make_parser`.

    Args:
        config: uvicorn's.
        server_state: uvicorn's.
        app_state: uvicorn's.
        _loop: The event loop; None for the one that runs.
    """

    __slots__ = ("_app_state", "_config", "_server_state", "is_write_paused")

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config = config
        self._server_state = server_state
        self._app_state = app_state
        self.loop = _loop or asyncio.get_running_loop()
        self.logger = _LOGGER
        self.connections = server_state.connections
        self.parser = self.flow = self.cycle = self.timeout_keep_alive_task = _UNMADE
        self.client = None
        self.pipeline = _NOTHING_IN_LINE
        self.is_write_paused = False
        """True while the client does not read what it gets."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """The client is there."""
        self.transport = transport
        self.connections.add(self)

    def make_parser(self) -> None:
        """A new parser, as uvicorn makes it: what follows a request that closes does not spoil the reply to it."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def make_whole(self) -> None:
        """Make all that uvicorn makes, if that was not done; the parser and the request under way stay."""
        if self.flow is not _UNMADE:
            return
        parser, cycle, transport = self.parser, self.cycle, self.transport
        super().__init__(self._config, self._server_state, self._app_state, self.loop)
        super().connection_made(transport)
        self.parser, self.cycle = parser, cycle
        if self.is_write_paused:
            self.flow.pause_writing()

    def know_client(self) -> None:
        """Know the client's address, as `client`, for a request that may outlive the connection.

        It is asked for while the connection is open: the number of a socket that is closed is soon another's.
        """
        if self.client is None and not self.transport.is_closing():
            self.client = get_remote_addr(self.transport)

    def pause_writing(self) -> None:
        """The client does not read what it gets."""
        self.is_write_paused = True
        if self.flow is not _UNMADE:
            super().pause_writing()

    def resume_writing(self) -> None:
        """The client reads again."""
        self.is_write_paused = False
        if self.flow is not _UNMADE:
            super().resume_writing()
