"""Progress bars while a run goes on, on standard error: what is asked for (`--json -`) has standard output alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from stresstest.plan import Plan
from stresstest.running import OnProgress
from stresstest.running import Progress as Seen
from stresstest.scenarios import TABLE


@contextmanager
def bars(plan: Plan, console: Console) -> Iterator[OnProgress]:
    """Show how far a run of a plan is, until the context ends.

    Yields:
        What to call with each progress.
    """
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(40),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        time = shown.add_task("time", total=plan.seconds, words="")
        players = shown.add_task("players", total=plan.players, words="")
        messages = shown.add_task("messages", total=_expected(plan), words="")

        async def on_progress(seen: Seen) -> None:
            is_ending = seen.elapsed_s >= plan.seconds
            elapsed = f"{seen.elapsed_s:.0f} of {plan.seconds:.0f} s" + (", games come to an end" if is_ending else "")
            shown.update(time, completed=min(seen.elapsed_s, plan.seconds), words=elapsed)
            shown.update(players, completed=seen.playing, words=f"{seen.playing:,} of {plan.players:,}")
            rate = seen.delivered / max(seen.elapsed_s, 0.001)
            words = f"{seen.delivered:,} delivered, {rate:,.0f}/s, {seen.errors:,} errors"
            shown.update(messages, completed=seen.delivered, words=words)

        yield on_progress


def _expected(plan: Plan) -> float | None:
    """How many messages the relay will deliver; None where that follows from what others do, or from the server."""
    rate = TABLE["relay"].rate if plan.rate is None else plan.rate
    return plan.players * rate * plan.seconds if plan.scenario == "relay" and rate else None
