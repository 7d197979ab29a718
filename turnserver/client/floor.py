"""Taking turns at one connection: threads that send come first, and end the hold of a thread that waits for news."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition

from turnserver.client.errors import Closed, Unreachable


class Floor:
    """Who may talk to the server. One thread has the floor at a time."""

    def __init__(self) -> None:
        self._change = Condition()
        self._is_taken = False
        self._senders = 0
        self._held: socket.socket | None = None
        self._at_end: Callable[[], None] | None = None

    @contextmanager
    def for_sending(self, *, wait_s: float | None = None) -> Iterator[None]:
        """Take the floor as soon as it is free; a hold of whoever has it ends now.

        Args:
            wait_s: How long to wait for the floor; None is as long as it takes.

        Raises:
            Unreachable: Another thread has had the floor for that long, so the server does not answer it.
            Closed: All is over.
        """
        with self._change:
            self._senders += 1
            self._end_hold()
            try:
                is_free = self._change.wait_for(lambda: self.is_over or not self._is_taken, timeout=wait_s)
                self.must_go_on()
                if not is_free:
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

        Raises:
            Closed: All is over.
        """

        def may_go_on() -> bool:
            return self.is_over or has_news() or not (self._is_taken or self._senders)

        with self._change:
            self._change.wait_for(may_go_on, timeout=wait_s)
            self.must_go_on()
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
            may_hold = not self._senders and not self.is_over
            self._held = connection if may_hold else None
        try:
            yield may_hold
        finally:
            with self._change:
                self._held = None

    @property
    def is_over(self) -> bool:
        """True once `end` was called."""
        return self._at_end is not None

    def must_go_on(self) -> None:
        """Let nobody go on once all is over.

        Raises:
            Closed: It is.
        """
        if self.is_over:
            raise Closed("it is closed")

    def pause(self, pause_s: float) -> None:
        """Rest for so long, or until all is over."""
        with self._change:
            self._change.wait_for(lambda: self.is_over, timeout=pause_s)

    def end(self, at_end: Callable[[], None]) -> None:
        """Let nobody have the floor any more, from any thread: a hold and a pause of whoever has it end now.

        Args:
            at_end: Called when nobody talks any more: now, or by the thread that has the floor when it leaves. It must
                not wait.
        """
        with self._change:
            self._at_end = at_end
            self._end_hold()
            if not self._is_taken:
                at_end()
            self._change.notify_all()

    def _leave(self) -> None:
        with self._change:
            self._is_taken = False
            if self._at_end is not None:
                self._at_end()
            self._change.notify_all()

    def _end_hold(self) -> None:
        """Make the thread that reads from the held connection see its end."""
        if self._held is not None:
            with suppress(OSError):  # it may have ended by itself
                # Below TLS, whose own shutdown another thread must not call.
                socket.socket.shutdown(self._held, socket.SHUT_RDWR)
            self._held = None
