"""What a run is to do: the options as one frozen value, which also travels to the other processes and machines."""

import secrets
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stresstest import scenarios
from stresstest.connection import target

_Chance = Annotated[float, Meta(ge=0, le=0.9)]
_Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class PlanError(Exception):
    """A plan that cannot be carried out; the message says why."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One load, for a while."""

    server: Annotated[str, Meta(pattern="^https?://[^ ]+$", max_length=2000)]
    scenario: str = "relay"
    players: Annotated[int, Meta(ge=1, le=100_000)] = 30
    rate: Annotated[float, Meta(ge=0, le=10_000)] | None = None
    """Messages a second that each player sends; 0 for the next as soon as the reply to the last is there; None for what
    is usual in the scenario."""
    seats: Annotated[int, Meta(ge=2, le=16)] = 4
    """Players of a room, or of a channel of chat."""
    seconds: _Seconds = 60.0
    """How long players begin new games and send; then they come to an end without a loss."""
    game_seconds: _Seconds = 20.0
    """How long one game lasts."""
    size: Annotated[int, Meta(ge=1, le=16_000)] = 64
    """Bytes of a message."""
    counters: Literal["exact", "plain"] = "exact"
    drop: _Chance = 0.0
    duplicate: _Chance = 0.0
    delay: Annotated[float, Meta(ge=0, le=10_000)] = 0.0
    """Milliseconds."""
    timeout: Annotated[float, Meta(gt=0, le=600)] = 10.0
    """Seconds without a reply after which a request is given up, and repeated."""
    seed: str = "stress"
    server_key: Annotated[str, Meta(pattern="^[!-~]*$", max_length=200)] = ""
    """A secret: no report shows it."""


class Share(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One process's part of the players of a plan."""

    first: Annotated[int, Meta(ge=0)]
    """The index of its first player."""
    players: Annotated[int, Meta(ge=1, le=100_000)]
    is_sampling: bool
    """Whether it also asks the server for its own time; one process does."""
    run: Annotated[str, Meta(max_length=40)]
    """Begins the names of all players of the run."""


def plan_of(**options: object) -> Plan:
    """A plan of options as they were given.

    Raises:
        PlanError: A value out of range, or a scenario that does not exist.
    """
    try:
        plan = msgspec.convert(options, Plan)
    except msgspec.ValidationError as error:
        raise PlanError(in_options(str(error))) from None
    try:
        target(plan.server)
    except ValueError as error:
        raise PlanError(f"--server: {error}") from None
    check_scenario(plan)
    return plan


def in_options(complaint: str, names: Mapping[str, str] | None = None) -> str:
    """A complaint of msgspec, with the option's name for the field's path.

    Args:
        complaint: For example "Expected `int` >= 1 - at `$.players`".
        names: The options of fields that are called otherwise.
    """
    what, _, path = complaint.partition(" - at `$.")
    field = path.rstrip("`").rpartition(".")[2]
    return (
        f"--{(names or {}).get(field, field).replace('_', '-')}: {_PLAINER.get(field) or what[:1].lower() + what[1:]}"
    )


_PLAINER = {
    "server": "not the URL of a server, for example http://127.0.0.1:8192",
    "server_key": "the file holds more than one key",
}


def check_scenario(plan: Plan) -> None:
    """Raise PlanError if there is no such scenario, or its messages cannot be as long."""
    scenario = scenarios.TABLE.get(plan.scenario)
    if scenario is None:
        raise PlanError(f"there is no scenario {plan.scenario!r}; there are: {', '.join(scenarios.TABLE)}")
    if plan.size > scenario.size_max:
        raise PlanError(f"--size: a message has at most {scenario.size_max} bytes in the scenario {plan.scenario!r}")


def shares(players: int, processes: int) -> list[Share]:
    """The players of a new run dealt out as evenly as possible, in order."""
    run = f"stress-{secrets.token_hex(4)}"
    bounds = [players * index // processes for index in range(processes + 1)]
    return [
        Share(first=first, players=after - first, is_sampling=index == 0, run=run)
        for index, (first, after) in enumerate(pairwise(bounds))
    ]
