"""Several server processes on one machine, and one that starts them, starts them again, and ends with them.

Each worker has a listening socket of its own; all share one port, and the operating system deals new connections out
to them. The first process keeps all these sockets open: while a worker is started again, what was dealt to it waits.
It also holds the write end of a pipe that nobody writes to: when it is gone, even killed, its workers stop.
"""

import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator

from turnserver import build
from turnserver.events import Event, tell
from turnserver.server import CannotStart, StoppedUnsaved, address_of, listen, serve_on
from turnserver.settings import Settings
from turnserver.store.seam import StoreDown

RESTART_S_LEAST = 1.0
"""A worker is not started again sooner after its start: one that cannot live does not keep the machine busy."""

_logger = logging.getLogger("turnserver.workers")


def run(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve with `settings.workers` processes until SIGINT or SIGTERM, then let each stop as `server.run` does.

    Args:
        settings: All settings.
        on_ready: Called with the address once every worker serves.

    Raises:
        CannotStart: The address is taken, or a store cannot be used.
        StoppedUnsaved: A worker could not close a store properly.
    """
    if settings.metrics_address:
        raise CannotStart(
            "metrics_address: each worker counts for itself, and one address would show one of them; "
            "leave it out, or start a server for each address with one worker"
        )
    try:
        build.check(settings)
        build.check_records(settings)
    except StoreDown as error:
        raise CannotStart(str(error)) from error
    with contextlib.ExitStack() as closing:
        first = closing.enter_context(listen(settings.host, settings.port, shares_port=True))
        port = first.getsockname()[1]
        others = [listen(settings.host, port, shares_port=True) for _ in range(settings.workers - 1)]
        listeners = [first, *map(closing.enter_context, others)]
        workers = _Workers(settings, listeners, lambda: on_ready(address_of(settings, first)))
        with workers.heeding_signals():
            workers.run()
    tell(_logger, Event.STOPPED)


class _Workers:
    """The processes, by the index of their socket."""

    def __init__(self, settings: Settings, listeners: list[socket.socket], on_ready: Callable[[], None]) -> None:
        self._settings = settings
        self._listeners = listeners
        self._on_ready = on_ready
        self._indexes: dict[int, int] = {}
        self._started_s: dict[int, float] = {}
        self._alive, self._lives = os.pipe()
        self._is_stopping = False

    @contextlib.contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """Pass the signals that end a server on to all workers."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        handlers = {number: signal.signal(number, self._stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            os.close(self._alive)
            os.close(self._lives)

    def run(self) -> None:
        """Start the workers, and again those that end by themselves; return when all were told to stop and have."""
        reading, writing = os.pipe()
        for index in range(len(self._listeners)):
            self._start(index, writing)
        os.close(writing)
        is_ready = sum(map(len, iter(lambda: os.read(reading, 64), b""))) == len(self._listeners)
        os.close(reading)
        if is_ready and not self._is_stopping:
            self._on_ready()
        statuses = []
        while self._indexes:
            process, status = os.wait()
            if process not in self._indexes:
                continue
            index = self._indexes.pop(process)
            if self._is_stopping:
                statuses.append(os.waitstatus_to_exitcode(status))
            else:
                self._start_again(index, os.waitstatus_to_exitcode(status))
        if any(status not in (0, -signal.SIGTERM) for status in statuses):  # one that did not serve yet just ends
            raise StoppedUnsaved("a worker could not end cleanly; all that was acknowledged is safe")

    def _start_again(self, index: int, status: int) -> None:
        _logger.error("worker %d has ended with status %d and is started again", index, status)
        time.sleep(max(0.0, self._started_s[index] + RESTART_S_LEAST - time.monotonic()))
        if not self._is_stopping:
            self._start(index, None)

    def _start(self, index: int, ready: int | None) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        try:
            process = os.fork()
            if not process:
                os._exit(self._serve(index, ready))
            self._indexes[process] = index
            self._started_s[index] = time.monotonic()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))

    def _serve(self, index: int, ready: int | None) -> int:
        """What a worker does; its exit status."""
        os.close(self._lives)
        for other in self._listeners[:index] + self._listeners[index + 1 :]:
            other.close()

        def on_ready(_address: str) -> None:
            if ready is not None:
                os.write(ready, b".")
                os.close(ready)

        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
            serve_on([self._listeners[index]], self._settings, on_ready=on_ready, stops_with=self._alive)
        except CannotStart as error:
            tell(_logger, Event.NOT_STARTED, reason=str(error), worker=index)
            return 1
        except StoppedUnsaved as error:
            tell(_logger, Event.STOPPED_UNSAVED, reason=str(error), worker=index)
            return 1
        except BaseException:
            _logger.exception("worker %d has failed", index)
            return 2
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        return 0

    def _stop(self, _number: int, _frame: object) -> None:
        self._is_stopping = True
        for process in tuple(self._indexes):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
