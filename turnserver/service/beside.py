"""Work that waits for something slower than a store in this process: a database, a password's hash.

Most requests are answered at once, in the callback that read them; one that suspends is handed over to a task. Work
that has begun goes to its end, also when the client does not wait for it: half a login is worse than none.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")


class Beside:
    """The work of one server that is under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    async def run(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """What `work` returns; to cancel this does not cancel the work."""
        await asyncio.sleep(0)  # whoever called us outside a task hands us over to one now
        return await asyncio.shield(self.start(work))

    def start(self, work: Callable[[], Awaitable[Result]]) -> "asyncio.Task[Result]":
        """Let `work` begin, for nobody to wait for unless they want to."""

        async def done() -> Result:
            return await work()

        task = asyncio.get_running_loop().create_task(done())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Return when nothing is under way any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)
