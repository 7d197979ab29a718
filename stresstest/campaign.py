"""One run, or a ramp of them, with progress bars: carries plans out and keeps what they showed."""

import msgspec
from rich.console import Console

from stresstest.fleet import Carry
from stresstest.plan import Plan
from stresstest.progress import bars
from stresstest.ramp import Stage, Target, held_players, next_players
from stresstest.record import Record
from stresstest.report.tables import headline
from stresstest.summary import Summary, stage, summary


class Ramp(msgspec.Struct, frozen=True, kw_only=True):
    """What a ramp found."""

    target: Target
    held_players: int
    """The largest load held; 0 if none was."""
    stages: list[Stage]


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known in the end; its JSON is what `--json` writes."""

    summary: Summary
    """Of a ramp: the largest load held, or the last one tried if none was."""
    ramp: Ramp | None
    record: Record
    """The summary's raw material: histograms by slot and symbol."""

    @property
    def is_clean(self) -> bool:
        """True if in every run each message was delivered exactly once and in order."""
        return self.summary.is_clean and all(one.is_clean for one in (self.ramp.stages if self.ramp else []))


async def single(plan: Plan, carry: Carry, console: Console) -> Campaign:
    """One run of a plan."""
    with bars(plan, console) as on_progress:
        record = await carry(plan, on_progress)
    return Campaign(summary=summary(plan, record), ramp=None, record=record)


async def ramped(plan: Plan, target: Target, most: int, carry: Carry, console: Console) -> Campaign:
    """Runs of a plan with ever other numbers of players, until the largest load that holds the target is known.

    Args:
        plan: The first load.
        target: What a load must keep.
        most: The most players to try.
        carry: Carries each plan out.
        console: For the bars, and a line for each load.
    """
    stages: list[Stage] = []
    best: Campaign | None = None
    while (players := next_players(stages, target, first=plan.players, most=most)) is not None:
        tried = await single(msgspec.structs.replace(plan, players=players), carry, console)
        stages.append(stage(tried.summary))
        misses = stages[-1].misses(target)
        console.print(
            f"{headline(tried.summary)}: {'missed: ' + ', '.join(misses) if misses else 'held'}",
            style="red" if misses else "green",
        )
        if best is None or players == held_players(stages, target):
            best = tried
    assert best is not None, "the first load is always tried"
    found = Ramp(target=target, held_players=held_players(stages, target), stages=stages)
    return msgspec.structs.replace(best, ramp=found)
