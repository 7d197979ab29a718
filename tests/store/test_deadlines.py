"""Deadlines share timers, and ring at their time. Time passes only while all wait."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.text_server import TimelessLoop
from turnserver.store.deadlines import PAGE_S, Deadlines


class Alarm:
    """Something due, and when it was rung."""

    def __init__(self, due_s: float) -> None:
        self.due_s = due_s
        self.rung_s: list[float] = []

    def ring(self) -> None:
        """Note the time."""
        self.rung_s.append(round(asyncio.get_running_loop().time(), 6))


def played(scenario: Callable[[Deadlines], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        await scenario(Deadlines())

    with asyncio.Runner(loop_factory=TimelessLoop) as runner:
        runner.run(play())


@pytest.mark.parametrize("due_s", [0, 0.001, PAGE_S - 0.001, PAGE_S, PAGE_S + 0.001, 7 * PAGE_S, 1234.567])
def test_each_rings_once_at_its_time(due_s: float) -> None:
    async def scenario(deadlines: Deadlines) -> None:
        alarm = Alarm(due_s)
        deadlines.add(alarm)
        await asyncio.sleep(due_s + 10)

        assert alarm.rung_s == [due_s]

    played(scenario)


def test_those_of_one_page_ring_each_at_its_own_time() -> None:
    async def scenario(deadlines: Deadlines) -> None:
        alarms = [Alarm(5 + index * PAGE_S / 10) for index in range(10)]
        for alarm in reversed(alarms):
            deadlines.add(alarm)
        await asyncio.sleep(10)

        assert [alarm.rung_s for alarm in alarms] == [[round(alarm.due_s, 6)] for alarm in alarms]

    played(scenario)


def test_one_that_is_removed_before_its_page_begins_does_not_ring() -> None:
    async def scenario(deadlines: Deadlines) -> None:
        gone, stays = Alarm(5), Alarm(5)
        deadlines.add(gone)
        deadlines.add(stays)
        await asyncio.sleep(5 - 2 * PAGE_S)
        deadlines.remove(gone)
        deadlines.remove(gone)
        await asyncio.sleep(10)

        assert (gone.rung_s, stays.rung_s) == ([], [5])

    played(scenario)


def test_one_that_was_rung_may_still_be_removed() -> None:
    async def scenario(deadlines: Deadlines) -> None:
        alarm = Alarm(1)
        deadlines.add(alarm)
        await asyncio.sleep(2)
        deadlines.remove(alarm)

        assert alarm.rung_s == [1]

    played(scenario)
