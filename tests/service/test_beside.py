import asyncio

import pytest

from turnserver.service.beside import Beside


def test_who_asks_gets_what_the_work_returns() -> None:
    async def work() -> str:
        return "done"

    assert asyncio.run(Beside().run(work)) == "done"


def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        asyncio.run(Beside().run(work))


def test_work_that_has_begun_goes_to_its_end_when_nobody_waits_any_more() -> None:
    done: list[str] = []

    async def scenario() -> None:
        beside, may_end = Beside(), asyncio.Event()

        async def work() -> None:
            await may_end.wait()
            done.append("done")

        waiting = asyncio.ensure_future(beside.run(work))
        for _ in range(3):
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert done == []
        may_end.set()
        await beside.close()

    asyncio.run(scenario())

    assert done == ["done"]


def test_closing_waits_for_work_that_work_has_begun() -> None:
    done: list[str] = []

    async def scenario() -> None:
        beside = Beside()

        async def second() -> None:
            await asyncio.sleep(0)
            done.append("second")

        async def first() -> None:
            await asyncio.sleep(0)
            beside.start(second)

        beside.start(first)
        await beside.close()

    asyncio.run(scenario())

    assert done == ["second"]
