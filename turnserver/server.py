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
from turnserver.edge.heads import Heads
from turnserver.settings import Settings
from turnserver.store.seam import StoreDown

GARBAGE_THRESHOLD = 100_000
"""New containers between two collections: the server makes no cycles of its own, and each pass walks all matches."""


class CannotStart(Exception):
    """The server cannot start; the message says why and what to do."""


class StoppedUnsaved(Exception):
    """The server has stopped, but what it was doing last could not be written; none of that was acknowledged."""


def run(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then answer what is held, close the journal and return.

    Args:
        settings: All settings.
        on_ready: Called with the address, `http://HOST:PORT`, once requests are served.

    Raises:
        CannotStart: The address is taken, or the database cannot be opened.
        StoppedUnsaved: The database could not be closed properly.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    with contextlib.closing(_listen(settings.host, settings.port)) as listener:
        try:
            application = Application(settings)
        except StoreDown as error:
            raise CannotStart(str(error)) from error
        address = f"http://{_shown(settings.host)}:{listener.getsockname()[1]}"
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD, 20, 100)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_Server(settings, application, lambda: on_ready(address)).run_on(listener))


class _Server(uvicorn.Server):
    """uvicorn's server, with a word when it is ready and a drain when it stops."""

    def __init__(self, settings: Settings, application: Application, on_ready: Callable[[], None]) -> None:
        super().__init__(_config(settings, application))
        self._application = application
        self._on_ready = on_ready

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
        self._on_ready()

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
        http=partial(Connection, application.exchange, application.store, Outbox(), Heads(), settings),  # type: ignore[arg-type]  # any callable that makes a protocol will do
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


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with contextlib.ExitStack() as undone:
            listener = undone.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
            undone.pop_all()
    except OSError as error:
        raise CannotStart(f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port") from error
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
