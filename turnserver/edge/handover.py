"""Handing over a request that has begun in the parser's callback and waits for something: a task goes on with it."""

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Resumed(Generic[Result]):
    """A coroutine that was started by hand and has suspended; awaiting this goes on with it.

    Args:
        work: The coroutine; nobody else sends to it from now on.
        waits_for: What it gave when it suspended: what a task is to wait for, or None.
    """

    def __init__(self, work: Coroutine[Any, Any, Result], waits_for: Any) -> None:
        self._work = work
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Result]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    sent = yield waits_for
                except GeneratorExit:
                    self._work.close()
                    raise
                except BaseException as error:  # noqa: BLE001  # whatever a task throws in belongs to the work
                    waits_for = self._work.throw(error)
                else:
                    waits_for = self._work.send(sent)
        except StopIteration as end:
            result: Result = end.value
            return result
