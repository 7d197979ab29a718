"""The process: a listening socket, uvicorn around the application, and a clean end.

uvicorn serves HTTP; what it does not bound (slow or endless request heads) `edge.connection` bounds.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import uvicorn

from turnserver import __version__
from turnserver.build import Application, check_records
from turnserver.edge.connection import Connection
from turnserver.edge.heads import Heads
from turnserver.edge.outbox import Outbox
from turnserver.events import Event, tell
from turnserver.settings import Settings
from turnserver.store.seam import StoreDown

PORT_MAX = 65_535
"""No address has a larger one."""

GARBAGE_THRESHOLD = 100_000
"""New containers between two collections: the server makes no cycles of its own, and each pass walks all matches."""

DRAIN_STEP_S = 0.1
"""How soon a second signal ends a drain."""

_logger = logging.getLogger("turnserver.server")


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
        CannotStart: An address is taken or none, or a store cannot be opened.
        StoppedUnsaved: A store could not be closed properly.
    """
    with contextlib.ExitStack() as closing:
        listeners = [closing.enter_context(contextlib.closing(listener)) for listener in _listeners(settings)]
        serve_on(listeners, settings, on_ready=on_ready)
    tell(_logger, Event.STOPPED)


def serve_on(
    listeners: list[socket.socket],
    settings: Settings,
    *,
    on_ready: Callable[[str], None],
    stops_with: int | None = None,
) -> None:
    """As `run`, on sockets that listen already.

    Args:
        listeners: The socket to serve on, and behind it the one for `/metrics` if there is one.
        settings: All settings.
        on_ready: Called with the address once requests are served.
        stops_with: A file descriptor; when it can be read, the server stops as by SIGTERM.

    Raises:
        CannotStart: A store cannot be opened.
        StoppedUnsaved: A store could not be closed properly.
    """
    application = _application(settings)
    if len(listeners) > 1:
        application.scraping.open_port = listeners[1].getsockname()[1]
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 100)
    server = _Server(settings, application, on_ready, address_of(settings, listeners[0]), stops_with)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(server.run_on(listeners))


def _application(settings: Settings) -> Application:
    """The application, its stores and records opened; a long journal takes a while."""
    began_s = time.perf_counter()
    try:
        application = Application(settings)
        try:
            check_records(settings)
        except StoreDown:
            asyncio.run(application.close())
            raise
    except StoreDown as error:
        raise CannotStart(str(error)) from error
    seconds = round(time.perf_counter() - began_s, 3)
    tell(_logger, Event.STARTING, version=__version__, durability=settings.durability.value, seconds=seconds)
    return application


class _Server(uvicorn.Server):
    """uvicorn's server, with a word when it is ready and a drain when it stops."""

    def __init__(
        self,
        settings: Settings,
        application: Application,
        on_ready: Callable[[str], None],
        address: str,
        stops_with: int | None,
    ) -> None:
        super().__init__(_config(settings, application))
        self._application = application
        self._on_ready = on_ready
        self._address = address
        self._drain_s = settings.drain_s
        application.connections = lambda: len(self.server_state.connections)
        self._stops_with = stops_with

    async def run_on(self, listeners: list[socket.socket]) -> None:
        """Finish what a killed server had begun, serve on the sockets until told to stop, and close the application."""
        try:
            await self._application.recover()
            await self.serve(sockets=listeners)
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
        self._application.start()
        tell(_logger, Event.READY, address=self._address)
        self._on_ready(self._address)

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
        tell(_logger, Event.DRAINING, seconds=self._drain_s)
        self._application.drain()
        ends_s = time.monotonic() + self._drain_s
        while not self.force_exit and time.monotonic() < ends_s:  # noqa: ASYNC110  # uvicorn's signal handler sets it
            await asyncio.sleep(DRAIN_STEP_S)
        await super().shutdown(sockets)


async def _close(application: Application) -> None:
    try:
        await application.close()
    except StoreDown as error:
        raise StoppedUnsaved(f"{error}; all that was acknowledged is safe") from error


def _config(settings: Settings, application: Application) -> uvicorn.Config:
    return uvicorn.Config(
        application.asgi,
        http=partial(Connection, application.exchange, application.store, Outbox(application.store), Heads(), settings),  # type: ignore[arg-type]  # any callable that makes a protocol will do
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


def _listeners(settings: Settings) -> list[socket.socket]:
    """The socket to serve on, and the one for `/metrics` if an address is set apart for it."""
    with contextlib.ExitStack() as undone:
        public = undone.enter_context(listen(settings.host, settings.port))
        if not settings.metrics_address:
            undone.pop_all()
            return [public]
        host, port = _host_and_port(settings.metrics_address)
        if port and port == public.getsockname()[1]:
            raise CannotStart(f"metrics_address = {settings.metrics_address!r}: it needs a port of its own")
        apart = undone.enter_context(listen(host, port, "choose another metrics_address"))
        undone.pop_all()
        return [public, apart]


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or not int(port) <= PORT_MAX:
        raise CannotStart(f"metrics_address = {address!r}: write one like 127.0.0.1:9464")
    return host.removeprefix("[").removesuffix("]"), int(port)


def listen(
    host: str, port: int, advice: str = "choose another with --port", *, shares_port: bool = False
) -> socket.socket:
    """A socket that listens.

    Args:
        host: A name or address.
        port: 0 takes a free one.
        advice: What to do where it cannot be had.
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
        raise CannotStart(f"cannot listen on {host}:{port}: {error.strerror}; {advice}") from error
    return listener


def address_of(settings: Settings, listener: socket.socket) -> str:
    """Where clients find it: `http://HOST:PORT`."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listener.getsockname()[1]}"
