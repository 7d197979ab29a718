"""Steps that are taken again and again: until somebody stops them, through failures of what they work with."""

import asyncio

import pytest

from tests.text_server import TextServer, in_no_time
from turnserver.service.steps import Steps
from turnserver.store.seam import StoreDown


def test_a_step_is_taken_at_the_end_of_every_span_and_once_more_at_the_end() -> None:
    async def scenario(_server: TextServer) -> list[float]:
        loop = asyncio.get_running_loop()
        taken: list[float] = []

        async def step() -> None:
            taken.append(loop.time())

        steps = Steps(step, every_s=2, failing="nothing works")
        loop.call_later(5, steps.stop)
        await steps.follow()
        return taken

    assert in_no_time(scenario) == pytest.approx([2, 4, 5])


def test_a_failure_is_told_once_and_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    results = [StoreDown("away"), StoreDown("away"), None, StoreDown("away again"), None]

    async def scenario(_server: TextServer) -> None:
        async def step() -> None:
            result = results.pop(0)
            if len(results) == 1:
                steps.stop()
            if result is not None:
                raise result

        steps = Steps(step, every_s=1, failing="games are not written down for now")
        await steps.follow()

    in_no_time(scenario)

    assert [record.getMessage() for record in caplog.records] == [
        "games are not written down for now: away",
        "games are not written down for now: away again",
    ]


def test_a_mistake_does_not_end_the_steps(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(_server: TextServer) -> int:
        taken = 0

        async def step() -> None:
            nonlocal taken
            taken += 1
            if taken == 3:
                steps.stop()
            raise ZeroDivisionError

        steps = Steps(step, every_s=1, failing="nothing works")
        await steps.follow()
        return taken

    assert in_no_time(scenario) >= 3
    assert {record.getMessage() for record in caplog.records} == {"bug"}
