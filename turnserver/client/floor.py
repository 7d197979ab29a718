"""Taking turns at one connection: threads that send come first, and end the hold of a thread that waits for news."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition

from turnserver.client.errors import Unreachable


class Floor:
    """Who may talk to the server. One thread has the floor at a time."""

    def __init__(self) -> None:
        self._change = Condition()
        self._is_taken = False
        self._senders = 0
        self._held: socket.socket | None = None

    @contextmanager
    def for_sending(self, *, wait_s: float | None = None) -> Iterator[None]:
        """Take the floor as soon as it is free; a hold of whoever has it ends now.

        Args:
            wait_s: How long to wait for the floor; None is as long as it takes.

        Raises:
            Unreachable: Another thread has had the floor for that long, so the server does not answer it.
        """
        with self._change:
            self._senders += 1
            self._end_hold()
            try:
                if not self._change.wait_for(lambda: not self._is_taken, timeout=wait_s):
                    raise Unreachable("another thread waits for the server")
                self._is_taken = True
            finally:
                self._senders -= 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def for_waiting(self, has_news: Callable[[], bool], *, wait_s: float) -> Iterator[bool]:
        """Take the floor when nobody wants to send.

        Args:
            has_news: True when the floor is not needed any more, because another thread brought what this one wants.
            wait_s: How long to wait for the floor.

        Yields:
            True with the floor; False without it: there is news, or the time is up.
        """
        with self._change:
            self._change.wait_for(lambda: has_news() or not (self._is_taken or self._senders), timeout=wait_s)
            has_floor = not (has_news() or self._is_taken or self._senders)
            self._is_taken = self._is_taken or has_floor
        try:
            yield has_floor
        finally:
            if has_floor:
                self._leave()

    @contextmanager
    def hold(self, connection: socket.socket) -> Iterator[bool]:
        """Let the server hold the answer on `connection`, unless a thread wants to send.

        Yields:
            False if the server should answer at once.
        """
        with self._change:
            may_hold = not self._senders
            self._held = connection if may_hold else None
        try:
            yield may_hold
        finally:
            with self._change:
                self._held = None

    def _leave(self) -> None:
        with self._change:
            self._is_taken = False
            self._change.notify_all()

    def _end_hold(self) -> None:
        """Make the thread that reads from the held connection see its end."""
        if self._held is not None:
            with suppress(OSError):  # it may have ended by itself
                # Below TLS, whose own shutdown another thread must not call.
                socket.socket.shutdown(self._held, socket.SHUT_RDWR)
            self._held = None
