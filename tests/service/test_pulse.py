"""The pulse measures the loop and takes samples."""

import asyncio
import contextlib

import pytest

from tests.text_server import TextServer, in_no_time
from turnserver.service.figures import Figures, Sample
from turnserver.service.pulse import Pulse
from turnserver.service.readiness import Readiness


async def beaten(pulse: Pulse, seconds: float) -> None:
    """Let the pulse beat for a while."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(pulse.run(), seconds)


def test_a_sample_is_taken_at_the_end_of_every_span() -> None:
    async def scenario(server: TextServer) -> list[Sample]:
        loop = asyncio.get_running_loop()
        figures = Figures(server.store, server.answering.usage, unix_s=loop.time)
        await beaten(Pulse(figures, server.answering.usage, Readiness(server.store), clock=loop.time), 35)
        return figures.since(0, most=100)

    assert [sample.at_s for sample in in_no_time(scenario)] == pytest.approx([10, 20, 30])


def test_a_loop_that_was_busy_is_late() -> None:
    async def scenario(server: TextServer) -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        figures = Figures(server.store, server.answering.usage, unix_s=loop.time)
        pulse = Pulse(figures, server.answering.usage, Readiness(server.store), clock=loop.time, beat_s=1, every_s=4)
        loop.call_later(1.5, lambda: setattr(loop, "now_s", loop.time() + 2))
        await beaten(pulse, 6)
        return sum(pulse.lag.counts), figures.since(0, most=1)[0].lag_s

    beats, lag_s = in_no_time(scenario)

    assert beats >= 3
    assert lag_s == pytest.approx(1.5)


def test_a_sample_that_fails_is_told_and_the_pulse_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    class BrokenOnce(Figures):
        tries = 0

        async def take(self) -> Sample:
            self.tries += 1
            if self.tries == 1:
                raise ZeroDivisionError("a bug")
            return await super().take()

    async def scenario(server: TextServer) -> int:
        loop = asyncio.get_running_loop()
        figures = BrokenOnce(server.store, server.answering.usage, unix_s=loop.time)
        await beaten(Pulse(figures, server.answering.usage, Readiness(server.store), clock=loop.time), 25)
        return len(figures.since(0, most=9))

    assert in_no_time(scenario) == 1
    assert "ZeroDivisionError: a bug" in caplog.text
