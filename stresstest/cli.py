"""The command: its options, and what is shown.

Exit status: 0 if every message was delivered exactly once and in order, 1 if not (or if a load that a ramp found to be
held did not keep the target with `--hold`), 2 if the run could not be made.
"""

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple, TextIO, TypeVar

import click
import msgspec
from rich.console import Console

from stresstest import agent, fleet, running
from stresstest.campaign import Campaign, Climb, ramped, single
from stresstest.coordinator import AgentLost
from stresstest.dispatches import Broken
from stresstest.plan import Plan, PlanError, in_options, plan_of
from stresstest.report import tables

T = TypeVar("T")

CANNOT = 2
"""The exit status of a run that could not be made."""


class Address(NamedTuple):
    """Where a coordinator listens."""

    host: str
    port: int


class _AddressType(click.ParamType[Address]):
    name = "HOST:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        host, colon, port = str(value).rpartition(":")
        if not (colon and host and port.isdecimal() and port.isascii() and int(port) < 65536):
            self.fail(f"{value!r} is not HOST:PORT", param, ctx)
        return Address(host.strip("[]"), int(port))


class Fleet(NamedTuple):
    """Who does the work."""

    processes: int
    listen: Address | None
    agents: int


class Wishes(NamedTuple):
    """What to do beyond the plan, and what to write."""

    climb: Climb | None
    report: Path | None
    json: str | None


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--server", metavar="URL", help="The server, for example http://127.0.0.1:8192.")
@click.option(
    "--scenario", metavar="NAME", default="relay", help="What players do: relay, rooms, chat, inbox or mixed."
)
@click.option("--players", type=int, default=30, help="Players at the same time.")
@click.option(
    "--rate", type=float, help="Messages a second of each player (usual: 5, in chat 0.5, in inbox 1); 0: no pause."
)
@click.option("--seats", type=int, default=4, help="Players of a room, and of a channel of chat.")
@click.option("--seconds", type=float, default=60.0, help="How long the run lasts, each run of a ramp.")
@click.option("--game-seconds", type=float, default=20.0, help="How long one game lasts, give or take a quarter.")
@click.option("--size", type=int, default=64, help="Bytes of a message.")
@click.option("--counters", type=click.Choice(["exact", "plain"]), default="exact", help="Counters n.r, or plain n.")
@click.option("--drop", type=float, default=0.0, help="Chance that a request, or its reply, is dropped on purpose.")
@click.option("--duplicate", type=float, default=0.0, help="Chance that a request is sent twice.")
@click.option("--delay", type=float, default=0.0, help="Longest time, in ms, that a request is kept back.")
@click.option("--timeout", type=float, default=10.0, help="Seconds without a reply until a request is repeated.")
@click.option(
    "--server-key", type=click.File(), help="A file with a server key: one sender to each inbox is the server."
)
@click.option("--seed", default="stress", help="Of all that is chance: pacing, loading times, the bad network.")
@click.option("--ramp", is_flag=True, help="Find the largest number of players that keeps the target.")
@click.option(
    "--ramp-p99", type=float, default=100.0, help="Target: 99 of 100 requests and turns take at most this many ms."
)
@click.option("--ramp-errors", type=float, default=0.0, help="Target: at most this part of all requests fails.")
@click.option("--ramp-players", type=int, default=10_000, help="The most players that a ramp tries.")
@click.option("--hold", type=float, default=0.0, help="Then run the largest load held for so many seconds.")
@click.option("--processes", type=click.IntRange(0, 64), default=1, help="Processes of this machine.")
@click.option("--listen", type=_AddressType(), help="Be the coordinator of agents that join from other machines.")
@click.option("--agents", type=click.IntRange(0, 64), default=1, help="How many agents must join (with --listen).")
@click.option("--join", type=_AddressType(), help="Be an agent: do what the coordinator there says.")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="Write plots and a page there.")
@click.option("--json", metavar="FILE", help="Write everything as JSON; - is standard output.")
def main(*, join: Address | None, processes: int, **options: Any) -> None:
    """Load a turnserver with simulated players, and check that every message arrives exactly once, in order."""
    try:
        if join is not None:
            _run(_joined(join, processes))
            return
        plan, wishes, workers = _understood(options, processes)
        campaign = _run(_carried_out(plan, wishes, workers))
        _hand_over(campaign, wishes)
    except (PlanError, AgentLost, Broken, running.Unreachable) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(CANNOT)
    sys.exit(0 if campaign.is_clean and campaign.is_held else 1)


def _understood(options: dict[str, Any], processes: int) -> tuple[Plan, Wishes, Fleet]:
    """The options as values; raises PlanError where they make no sense."""
    if options["server"] is None:
        raise PlanError("which server? --server URL")
    workers = Fleet(processes, options.pop("listen"), options.pop("agents"))
    if not processes and workers.listen is None:
        raise PlanError("--processes 0 leaves the work to agents from elsewhere: it needs --listen")
    climb = _climb(options)
    options["server_key"] = _key(options["server_key"])
    wishes = Wishes(climb, options.pop("report"), options.pop("json"))
    plan = plan_of(**options)
    _check_writable(wishes)
    return plan, wishes, workers


def _key(file: TextIO | None) -> str:
    """The server key that a file holds; empty without a file."""
    key = file.read().strip() if file else ""
    if file and not key:
        raise PlanError("--server-key: the file is empty")
    return key


def _climb(options: dict[str, Any]) -> Climb | None:
    """How the ramp is to be made, or None if there is to be none."""
    is_ramp = options.pop("ramp")
    names = {"p99_ms": "ramp_p99", "errors": "ramp_errors", "players_max": "ramp_players", "hold_s": "hold"}
    given = {field: options.pop(name) for field, name in names.items()}
    target = {field: given.pop(field) for field in ("p99_ms", "errors")}
    try:
        climb = msgspec.convert({"target": target, **given}, Climb)
    except msgspec.ValidationError as error:
        raise PlanError(in_options(str(error), names)) from None
    if climb.hold_s and not is_ramp:
        raise PlanError("--hold runs what a ramp has found: it needs --ramp")
    return climb if is_ramp else None


def _check_writable(wishes: Wishes) -> None:
    """Raise PlanError before a long run rather than after it."""
    try:
        if wishes.report is not None:
            wishes.report.mkdir(parents=True, exist_ok=True)
            (wishes.report / "report.json").touch()
        if wishes.json not in (None, "-"):
            Path(wishes.json or "").touch()
    except OSError as error:
        raise PlanError(f"{error.filename} cannot be written: {error.strerror}") from None


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    import uvloop  # noqa: PLC0415  # locust imports this package's players, and must not load a second event loop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


async def _joined(address: Address, processes: int) -> None:
    """Work for a coordinator elsewhere, in one process or several."""
    if processes == 1:
        click.echo(await agent.serve(*address), err=True)
        return
    async with fleet.joined(*address, processes=processes) as started:
        statuses = await asyncio.gather(*(process.wait() for process in started))
    if any(statuses):
        raise Broken("not all processes could do their work")


async def _carried_out(plan: Plan, wishes: Wishes, workers: Fleet) -> Campaign:
    """Everything that is asked for, with progress on standard error."""
    console = Console(stderr=True)
    await running.check_reachable(plan.server, plan.timeout)
    async with _carrier(workers, console) as carry:
        if wishes.climb is None:
            return await single(plan, carry, console)
        return await ramped(plan, wishes.climb, carry, console)


def _carrier(workers: Fleet, console: Console) -> AbstractAsyncContextManager[fleet.Carry]:
    if workers.listen is None and workers.processes == 1:
        return nullcontext(fleet.alone)
    host, port = workers.listen or Address("127.0.0.1", 0)
    agents = workers.agents if workers.listen else 0

    def on_listening(port: int) -> None:
        if agents:
            console.print(f"waiting for {agents} to join: stresstest --join {host}:{port}")

    return fleet.coordinated(host, port, processes=workers.processes, agents=agents, on_listening=on_listening)


def _hand_over(campaign: Campaign, wishes: Wishes) -> None:
    """Write and print what is asked for."""
    json = msgspec.json.encode(campaign)
    if wishes.report is not None:
        from stresstest.report import page  # noqa: PLC0415  # matplotlib takes a second to import

        page.write(campaign, wishes.report)
        (wishes.report / "report.json").write_bytes(json)
    if wishes.json == "-":
        click.echo(json)
        return
    if wishes.json is not None:
        Path(wishes.json).write_bytes(json)
    console = Console()
    tables.show(campaign.summary, console)
    if campaign.ramp is not None:
        console.print(tables.ramp_table(campaign.ramp.stages, campaign.ramp.target))
        console.print(tables.ramp_result(campaign.ramp.stages, campaign.ramp.target), style="bold")
        if campaign.ramp.held is not None:
            console.print(tables.hold_result(campaign.ramp.held, campaign.ramp.target), style="bold")
    if wishes.report is not None:
        console.print(f"The report: {wishes.report / 'report.html'}")
