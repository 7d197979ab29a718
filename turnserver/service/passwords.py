"""Passwords: argon2id in threads of low priority, so that logins cost the relay next to nothing.

argon2-cffi lets go of the interpreter while it hashes. Each thread asks the operating system for little: on a core that
the relay shares, the event loop runs whenever it has something to do.

Source: RFC 9106; docs/accounts.md, "Names and passwords"
"""

import asyncio
import contextlib
import math
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from turnserver.domain.accounts import comparable
from turnserver.messages.reply import Refused
from turnserver.protocol import answers

if TYPE_CHECKING:  # imported by the first use: an idle server needs no argon2
    from argon2 import PasswordHasher

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
"""argon2id's cost: about 35 ms on one core."""

NICENESS = 19
"""As far below the event loop as there is: hardly any of its share where both want the same core."""

HASH_S = 0.05
"""About how long one takes, for telling others how long to wait."""

Result = TypeVar("Result")


class Verdict(NamedTuple):
    """Whether a password is right, and whether its hash should be made anew with today's cost."""

    is_right: bool
    is_outdated: bool


class Passwords:
    """Hashes and compares passwords.

    Args:
        waiting_max: How many may wait; whoever comes then is refused.
        memory_kib: argon2id's memory, KiB.
        passes: argon2id's passes over it.
        threads: How many at once; as many as there are cores by default.
    """

    def __init__(
        self, waiting_max: int, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, threads: int | None = None
    ) -> None:
        self._waiting_max = waiting_max
        self._waiting = 0
        self._cost = (memory_kib, passes)
        self._threads = threads or len(os.sched_getaffinity(0))

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher  # noqa: PLC0415  # see above

        memory_kib, passes = self._cost
        return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="password", initializer=_yield_to_others)

    @cached_property
    def _nobodys(self) -> str:
        """The hash of a password that nobody knows: what is compared where there is no account."""
        return self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password, with its salt and cost.

        Raises:
            Refused: TOO_MANY_REQUESTS.
        """
        return await self._run(lambda: self._hasher.hash(comparable(password)))

    async def verify(self, hashed: str | None, password: str) -> Verdict:
        """Compare a password with what is kept of the right one; None, where there is none, takes as long.

        Raises:
            Refused: TOO_MANY_REQUESTS.
        """
        return await self._run(lambda: self._verdict(hashed, comparable(password)))

    def hash_now(self, password: str) -> str:
        """The same as `hash`, for a command that has nothing else to do."""
        return self._hasher.hash(comparable(password))

    def _verdict(self, hashed: str | None, password: str) -> Verdict:
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415  # see above

        nobodys = self._nobodys
        try:
            self._hasher.verify(hashed or nobodys, password)
        except (VerificationError, InvalidHashError):
            return Verdict(is_right=False, is_outdated=False)
        return Verdict(is_right=hashed is not None, is_outdated=self._hasher.check_needs_rehash(hashed or nobodys))

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= self._waiting_max:
            raise Refused(answers.TOO_MANY_REQUESTS, f"{max(1, math.ceil(self._waiting * HASH_S / self._threads))}")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let go of the threads; the next use makes new ones."""
        pool = self.__dict__.pop("_pool", None)
        if pool is not None:
            pool.shutdown()


def _yield_to_others() -> None:
    """Lower this thread's priority; on Linux a thread has one of its own."""
    with contextlib.suppress(OSError):  # not allowed here: then logins cost the relay more, and all else is the same
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
