"""The summary as tables, for the terminal."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from stresstest.checker import Verdict
from stresstest.ramp import Stage, Target, held_players
from stresstest.scenarios import TABLE
from stresstest.scenarios.player import CHAT, INBOX, RELAY, ROOMS, WAYS
from stresstest.steps import is_held
from stresstest.summary import BUSY_CPU, Latency, Summary

LATENCY_COLUMNS = ("min", "mean", "median", "p95", "p99", "max")
ALL_REQUESTS = "all that are not held"
SPLIT_NOTE = (
    "Server time is what GET / answered, a few times a second: the server's own time for its latest POST, whichever "
    "it was. It cannot be told by symbol. The rest is what it leaves of the mean and the median: network, queues on "
    "both sides, and this client."
)
NO_SPLIT_NOTE = "The server does not tell its own time (GET / answers no number): latencies cannot be split."


def show(shown: Summary, console: Console) -> None:
    """Print what a run showed."""
    console.print()
    console.print(f"[bold]{headline(shown)}[/]")
    console.print(settings(shown))
    console.print()
    console.print(latency_table(shown))
    console.print(SPLIT_NOTE if shown.server_time else NO_SPLIT_NOTE, style="dim")
    console.print()
    console.print(code_table(shown))
    for reason, count in shown.reasons.items():
        console.print(f"  {count:,} x {reason}", style="yellow")
    console.print()
    for line in findings(shown):
        console.print(line, style="bold green" if shown.is_clean else "bold red")
    for line in warnings(shown):
        console.print(line, style="yellow")


def headline(shown: Summary) -> str:
    """The run in a line."""
    what, slowest = shown.slowest
    return (
        f"{shown.players:,} players: {shown.messages_per_s:,.0f} messages/s, {shown.requests_per_s:,.0f} requests/s, "
        f"p99 {slowest.p99_ms:,.1f} ms ({what}), {shown.errors:.2%} errors"
    )


def settings(shown: Summary) -> str:
    """What was asked for, in a line."""
    plan = shown.plan
    rate = TABLE[plan.scenario].rate if plan.rate is None else plan.rate
    pace = "as fast as replies come" if rate == 0 else f"{rate:g} messages/s each" if rate else "usual pace"
    return (
        f"{plan.server}, scenario {plan.scenario}, {plan.players:,} players, {pace}, {plan.seconds:g} s, "
        f"games of {plan.game_seconds:g} s, {plan.size} bytes, {plan.counters} counters"
    )


def findings(shown: Summary) -> list[str]:
    """What the checks found, in sentences."""
    lines = [_finding(_MESSAGES[kind], verdict) for kind, verdict in shown.verdicts.items()]
    lines.append(
        f"{shown.games:,} games of a player went to their end, {shown.games_broken:,} broke off; "
        f"{shown.players_with_errors:,} of {shown.players:,} players met an error."
    )
    if not shown.verdict.received:
        lines.append("Nothing was delivered at all.")
    mischief = shown.mischief
    if mischief.requests_lost or mischief.replies_lost or mischief.copies or mischief.delays:
        lines.append(
            f"On purpose: {mischief.requests_lost:,} requests and {mischief.replies_lost:,} replies dropped, "
            f"{mischief.copies:,} requests duplicated, {mischief.delays:,} delayed."
        )
    return lines


_MESSAGES = {RELAY: "messages", ROOMS: "commands in rooms", CHAT: "lines of chat", INBOX: "messages to inboxes"}


def _finding(messages: str, verdict: Verdict) -> str:
    found = (
        f"{verdict.sent:,} {messages} were to arrive, {verdict.received:,} did: {verdict.lost:,} lost, "
        f"{verdict.doubled:,} doubled, {verdict.reordered:,} reordered, {verdict.altered:,} altered"
    )
    return f"{found}, {verdict.diverged:,} times not the same for all." if messages == _MESSAGES[ROOMS] else f"{found}."


def warnings(shown: Summary) -> list[str]:
    """What to keep in mind when reading the numbers."""
    if shown.client_cpu < BUSY_CPU:
        return []
    return [
        (
            f"A process of the stress test used {shown.client_cpu:.0%} of a core: these numbers show its limit as much "
            "as the server's. Give it more --processes, or another machine."
        )
    ]


def latency_table(shown: Summary) -> Table:
    """Latencies by symbol, and where they come from."""
    table = Table("milliseconds", "count", *LATENCY_COLUMNS, title="Latency", title_justify="left", box=SIMPLE)
    _narrow(table)
    for name, latency in latency_rows(shown):
        table.add_row(*cells(name, latency))
    if shown.rest_ms is not None:
        mean, median = shown.rest_ms
        table.add_row("the rest", "", "", _ms(mean), _ms(median), "", "", "")
    return table


def _narrow(table: Table) -> None:
    """Let all the numbers be seen in a terminal of 80 columns."""
    table.collapse_padding, table.pad_edge = True, False
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"


def latency_rows(shown: Summary) -> list[tuple[str, Latency]]:
    """All distributions of times, with their names."""
    rows = list(shown.latency.items())
    rows.append((ALL_REQUESTS if any(map(is_held, shown.latency)) else "all requests", shown.all_requests))
    rows.extend((WAYS[kind], way) for kind, way in shown.ways.items())
    if shown.server_time is not None:
        rows.append(("server time, sampled", shown.server_time))
    return rows


def cells(name: str, latency: Latency) -> tuple[str, ...]:
    """A row of the table of latencies."""
    numbers = (latency.min_ms, latency.mean_ms, latency.median_ms, latency.p95_ms, latency.p99_ms, latency.max_ms)
    return (name, f"{latency.count:,}", *(_ms(number) for number in numbers))


def code_table(shown: Summary) -> Table:
    """Replies by code."""
    table = Table("code", "replies", "errors", "meaning", title="Replies", title_justify="left", box=SIMPLE)
    table.columns[1].justify = table.columns[2].justify = "right"
    for code in shown.codes:
        style = "red" if code.unexpected else ""
        table.add_row(code.code, f"{code.count:,}", f"{code.unexpected:,}" or "", code.words, style=style)
    return table


def ramp_table(stages: Sequence[Stage], target: Target) -> Table:
    """The loads that were tried, in order."""
    table = Table("players", "messages/s", "requests/s", "median", "p95", "p99", "errors", "CPU", "held?", box=SIMPLE)
    table.title, table.title_justify = "Ramp (milliseconds; CPU is this client's)", "left"
    _narrow(table)
    table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
    for stage in stages:
        table.add_row(*stage_cells(stage, target), style="red" if stage.misses(target) else "")
    return table


def stage_cells(stage: Stage, target: Target) -> tuple[str, ...]:
    """A row of the table of loads."""
    return (
        f"{stage.players:,}",
        f"{stage.messages_per_s:,.0f}",
        f"{stage.requests_per_s:,.0f}",
        _ms(stage.median_ms),
        _ms(stage.p95_ms),
        _ms(stage.p99_ms),
        f"{stage.errors:.2%}",
        f"{stage.client_cpu:.0%}",
        ", ".join(stage.misses(target)) or "yes",
    )


def ramp_result(stages: Sequence[Stage], target: Target) -> str:
    """What the ramp found, in a sentence."""
    players = held_players(stages, target)
    if not players:
        return "Not even the smallest load tried was held."
    stage = next(stage for stage in stages if stage.players == players and not stage.misses(target))
    return (
        f"The largest load held: {players:,} players, {stage.messages_per_s:,.0f} messages/s, "
        f"p99 {stage.p99_ms:.1f} ms of {stage.slowest} (target {target.p99_ms:g} ms)."
    )


def hold_result(held: Stage, target: Target) -> str:
    """What the longer run of the largest load showed, in a sentence."""
    misses = ", ".join(held.misses(target))
    return f"Held for longer, {held.players:,} players: " + (f"missed {misses}." if misses else "the target was kept.")


def _ms(milliseconds: float) -> str:
    """About three digits."""
    return f"{milliseconds:,.{2 if milliseconds < 10 else 1 if milliseconds < 100 else 0}f}"
