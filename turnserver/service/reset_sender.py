"""Sends reset tokens to the owners of accounts, by the ways that the operator has set up.

Source: docs/accounts.md, "A lost password"
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol

SENDING_MAX = 100
"""How many tokens may wait to be sent; more are not sent, and can be asked for again."""


class SendingFailed(Exception):
    """A reset token was not taken; the message says why, without the token."""


class Reset(NamedTuple):
    """A reset token on its way: the account's name, its address or None, and the seconds that the token is good for."""

    name: str
    email: str | None
    token: str
    expires_s: int


class Way(Protocol):
    """A way to the owners of accounts."""

    def reaches(self, email: str | None) -> bool:
        """True if an account with this address, or without one, can be reached."""
        ...

    def deliver(self, reset: Reset) -> None:
        """Hand one token over; called in a thread, and may take seconds.

        Raises:
            SendingFailed: It was not taken.
        """
        ...


class ResetSender:
    """Sends in a thread of its own, one after the other.

    Args:
        ways: Each is gone that reaches the account.
    """

    def __init__(self, ways: Sequence[Way]) -> None:
        self._ways = ways
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reset-sender")

    def reaches(self, email: str | None) -> bool:
        """True if any way leads to an account with this address, or without one."""
        return any(way.reaches(email) for way in self._ways)

    async def send(self, reset: Reset) -> None:
        """Send one token.

        Raises:
            SendingFailed: Some way has not taken it.
        """
        if self._waiting >= SENDING_MAX:
            raise SendingFailed("too many wait to be sent")
        self._waiting += 1
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._deliver, reset)
        finally:
            self._waiting -= 1

    def _deliver(self, reset: Reset) -> None:
        failures: list[str] = []
        for way in self._ways:
            if way.reaches(reset.email):
                try:
                    way.deliver(reset)
                except SendingFailed as failure:
                    failures.append(str(failure))
        if failures:
            raise SendingFailed("; ".join(failures))

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown()
