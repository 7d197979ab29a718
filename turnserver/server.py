"""The process: a listening socket, uvicorn around the application, and a clean end.

uvicorn serves HTTP; what it does not bound (slow or endless request heads) `edge.connection` bounds.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import uvicorn

from turnserver.build import Application
from turnserver.edge.connection import Connection, Outbox
from turnserver.settings import Settings
from turnserver.store.seam import StoreDown

GARBAGE_THRESHOLD = 100_000
"""New containers between two collections: the server makes no cycles of its own, and each pass walks all matches."""


class CannotStart(Exception):
    """The server cannot start; the message says why and what to do."""


class StoppedUnsaved(Exception):
    """The server has stopped, but what it was doing last could not be written; none of that was acknowledged."""


def run(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then answer what is held, close the store and return.

    Args:
        settings: All settings; one process serves, however many workers they ask for.
        on_ready: Called with the address, `http://HOST:PORT`, once requests are served.

    Raises:
        CannotStart: The address is taken, or the store cannot be opened.
        StoppedUnsaved: The store could not be closed properly.
    """
    with contextlib.closing(listen(settings.host, settings.port)) as listener:
        serve_on(listener, settings, on_ready=lambda: on_ready(address_of(settings, listener)))


def serve_on(
    listener: socket.socket, settings: Settings, *, on_ready: Callable[[], None], stops_with: int | None = None
) -> None:
    """As `run`, on a socket that listens already.

    Args:
        listener: The socket.
        settings: All settings.
        on_ready: Called once requests are served.
        stops_with: A file descriptor; when it can be read, the server stops as by SIGTERM.

    Raises:
        CannotStart: The store cannot be opened.
        StoppedUnsaved: The store could not be closed properly.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    try:
        application = Application(settings)
    except StoreDown as error:
        raise CannotStart(str(error)) from error
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 100)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_Server(settings, application, on_ready, stops_with).run_on(listener))


class _Server(uvicorn.Server):
    """uvicorn's server, with a word when it is ready and a drain when it stops."""

    def __init__(
        self, settings: Settings, application: Application, on_ready: Callable[[], None], stops_with: int | None
    ) -> None:
        super().__init__(_config(settings, application))
        self._application = application
        self._on_ready = on_ready
        self._stops_with = stops_with

    async def run_on(self, listener: socket.socket) -> None:
        """Serve on the socket until told to stop, and close the application."""
        try:
            await self.serve(sockets=[listener])
        finally:
            await _close(self._application)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End by the first signal, cleanly: uvicorn's own would raise it again before the journal is closed."""
        handlers = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._stops_with is not None:
            asyncio.get_running_loop().add_reader(self._stops_with, self._stop)
        self._on_ready()

    def _stop(self) -> None:
        assert self._stops_with is not None
        asyncio.get_running_loop().remove_reader(self._stops_with)
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            for connection in tuple(self.server_state.connections):
                cast("Connection", connection).close_if_stale()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.drain()
        await super().shutdown(sockets)


async def _close(application: Application) -> None:
    try:
        await application.close()
    except StoreDown as error:
        raise StoppedUnsaved(f"{error}; all that was acknowledged is safe") from error


def _config(settings: Settings, application: Application) -> uvicorn.Config:
    return uvicorn.Config(
        application.asgi,
        http=partial(Connection, application.exchange, application.store, Outbox(), settings),  # type: ignore[arg-type]  # any callable that makes a protocol will do
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,
        timeout_keep_alive=round(settings.keep_alive_s),
        timeout_graceful_shutdown=round(settings.shutdown_s_max),
    )


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop  # noqa: PLC0415  # its import starts nothing, but only a server needs it

    return uvloop.new_event_loop


def listen(host: str, port: int, *, shares_port: bool = False) -> socket.socket:
    """A socket that listens.

    Args:
        host: A name or address.
        port: 0 takes a free one.
        shares_port: True where several sockets of this machine listen on the port, and share what comes.

    Raises:
        CannotStart: It cannot be had.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with contextlib.ExitStack() as undone:
            listener = undone.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shares_port:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
            listener.listen(2048)
            undone.pop_all()
    except OSError as error:
        raise CannotStart(f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port") from error
    return listener


def address_of(settings: Settings, listener: socket.socket) -> str:
    """Where clients find it: `http://HOST:PORT`."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listener.getsockname()[1]}"
