import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from turnserver.edge.handover import Resumed


def begun(work: Coroutine[Any, Any, Any]) -> Resumed[Any]:
    """The coroutine as it is when it has suspended for the first time, outside any event loop."""
    return Resumed(work, work.send(None))


async def dozing(*words: str) -> str:
    for _ in words:
        await asyncio.sleep(0)
    return "-".join(words)


def test_what_has_begun_by_hand_goes_on_in_a_task() -> None:
    assert asyncio.run(_awaited(begun(dozing("a", "b", "c")))) == "a-b-c"


async def _awaited(work: Resumed[Any]) -> Any:
    return await work


def test_it_waits_for_what_it_waited_for_when_it_was_handed_over() -> None:
    async def scenario() -> str:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def waiting() -> str:
            return await answer

        task = asyncio.ensure_future(_awaited(begun(waiting())))
        await asyncio.sleep(0)
        answer.set_result("now")
        return str(await task)

    assert asyncio.run(scenario()) == "now"


def test_what_it_raises_is_raised_to_who_awaits_it() -> None:
    async def failing() -> None:
        await asyncio.sleep(0)
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        asyncio.run(_awaited(begun(failing())))


def test_it_can_be_cancelled_and_may_clean_up() -> None:
    ended: list[str] = []

    async def patient() -> None:
        try:
            await asyncio.sleep(0)
            await asyncio.sleep(3600)
        finally:
            ended.append("cleaned up")

    async def scenario() -> None:
        task = asyncio.ensure_future(_awaited(begun(patient())))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())

    assert ended == ["cleaned up"]


def test_it_has_a_task_of_its_own_from_then_on() -> None:
    async def looking() -> bool:
        before = None if _no_loop() else asyncio.current_task()
        await asyncio.sleep(0)
        return before is None and asyncio.current_task() is not None

    assert asyncio.run(_awaited(begun(looking())))


def _no_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def test_one_that_is_given_up_is_closed() -> None:
    ended: list[str] = []

    async def dropped() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            ended.append("closed")

    iterator = begun(dropped()).__await__()
    next(iterator)
    iterator.close()

    assert ended == ["closed"]
