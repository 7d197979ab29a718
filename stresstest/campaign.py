"""One run, or a ramp of them, with progress bars: carries plans out and keeps what they showed."""

from typing import Annotated

import msgspec
from msgspec import Meta
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
    held: Stage | None = None
    """The largest load once more, for as long as was asked for; None if that was not, or if no load was held."""


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known in the end; its JSON is what `--json` writes."""

    summary: Summary
    """Of a ramp: the longer run of the largest load, or its own run without one; the first load if none was held."""
    ramp: Ramp | None
    record: Record
    """The summary's raw material: histograms by slot and symbol."""

    @property
    def is_clean(self) -> bool:
        """True if in every run each message was delivered exactly once and in order."""
        return self.summary.is_clean and all(one.is_clean for one in (self.ramp.stages if self.ramp else []))

    @property
    def is_held(self) -> bool:
        """False if the largest load of a ramp did not keep its target for as long as was asked for."""
        held = self.ramp.held if self.ramp else None
        return held is None or self.ramp is None or not held.misses(self.ramp.target)


async def single(plan: Plan, carry: Carry, console: Console) -> Campaign:
    """One run of a plan."""
    with bars(plan, console) as on_progress:
        record = await carry(plan, on_progress)
    return Campaign(summary=summary(plan, record), ramp=None, record=record)


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """How a ramp is to be made."""

    target: Target
    """What a load must keep."""
    players_max: Annotated[int, Meta(ge=1, le=100_000)] = 10_000
    """The most players to try."""
    hold_s: Annotated[float, Meta(ge=0, le=86_400)] = 0.0
    """How long the largest load held is to run once more; 0 is not at all."""


async def ramped(plan: Plan, climb: Climb, carry: Carry, console: Console) -> Campaign:
    """Runs of a plan with ever other numbers of players, until the largest load that holds the target is known.

    Args:
        plan: The first load.
        climb: How far, and what then.
        carry: Carries each plan out.
        console: For the bars, and a line for each load.
    """
    target, stages = climb.target, list[Stage]()
    best: Campaign | None = None
    while (players := next_players(stages, target, first=plan.players, most=climb.players_max)) is not None:
        tried = await single(msgspec.structs.replace(plan, players=players), carry, console)
        stages.append(stage(tried.summary))
        _tell(tried, target, console)
        if best is None or players == held_players(stages, target):
            best = tried
    assert best is not None, "the first load is always tried"
    found = Ramp(target=target, held_players=held_players(stages, target), stages=stages)
    if climb.hold_s and found.held_players:
        longer = msgspec.structs.replace(plan, players=found.held_players, seconds=climb.hold_s)
        best = await single(longer, carry, console)
        _tell(best, target, console)
        found = msgspec.structs.replace(found, held=stage(best.summary))
    return msgspec.structs.replace(best, ramp=found)


def _tell(tried: Campaign, target: Target, console: Console) -> None:
    misses = stage(tried.summary).misses(target)
    console.print(
        f"{headline(tried.summary)}: {'missed: ' + ', '.join(misses) if misses else 'held'}",
        style="red" if misses else "green",
    )
