"""Taking turns: in one process, one at a time works on a partition that many change at once.

The store settles who was first whoever asks; but where each try is a journey to another machine, a crowd that all try
at once would keep overtaking itself. With a store in this process nobody ever has to wait for a turn.
"""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """Who works on which partition in this process."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        """The turn for a partition: `async with turns.of(name)`, first come, first served."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock
