"""A game for tests: its state is all commands so far, so two states are the same only for the same packets."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from tests.client.world import World
from turnserver.client.game_rules import Commands, Rules
from turnserver.client.membership import Membership
from turnserver.client.running import Running
from turnserver.client.seating import Seating, wishes_of
from turnserver.client.timing import Timing
from turnserver.client.visiting import Visiting

State = tuple[tuple[str | None, ...], ...]

START: State = ()

QUICK = Timing(pause_first_s=0.01, pause_most_s=0.05, rest_s=0.02)
ROOM = {"engine": "toy 1", "seed": "7", "players": [3, 3], "turn_ms": 1, "archive": "all"}


def step(state: State, generation: int, commands: Commands) -> State:
    assert generation == len(state) + 1
    return (*state, tuple(commands))


def digest(state: State) -> str:
    return f"{crc32(repr(state).encode()):x}"


def rules(seat: int | None, *, turns: int = 10, **more: Any) -> Rules[State]:
    """A player's rules: it says who it is and which turn it is, and plays so many turns."""
    given: dict[str, Any] = {
        "step": step,
        "commands": lambda generation, _state: f"p{seat}g{generation}",
        "until": lambda state: len(state) >= turns,
        "digest": digest,
    }
    return Rules(**given | more)


def all_commands(players: int, turns: int, *, first: int = 1) -> State:
    """What the players of `rules` come to, where nothing was refused."""
    return tuple(
        tuple(f"p{seat}g{generation}" for seat in range(players)) for generation in range(first, turns + first)
    )


def seating(mark: str = "mark") -> Seating:
    """A new guest, whose requests are marked with `mark` and a number."""
    numbers = iter(range(1_000))
    return Seating(None, QUICK, lambda: f"{mark}{next(numbers)}")


def members(world: World, count: int = 3, sessions: Sequence[Seating] | None = None, **wishes: Any) -> list[Membership]:
    """Members of a new room in set-up."""
    founder, *others = sessions or [seating() for _ in range(count)]
    first = world.perform(founder.create(wishes_of(ROOM | {"players": [count, count]} | wishes), "p0"))
    return [first, *(world.perform(one.join(first.room, f"p{seat}")) for seat, one in enumerate(others, 1))]


def visitors(world: World, count: int = 3, sessions: Sequence[Seating] | None = None, **wishes: Any) -> list[Visiting]:
    """The same, ready to begin and to be used; the game runs."""
    everybody = [Visiting(member, QUICK) for member in members(world, count, sessions, **wishes)]
    for one in everybody:
        world.perform(one.ready(is_ready=True))
    for one in everybody:
        world.perform(one.poll(0))
        one.take()
    return everybody


def games(world: World, count: int = 3, **wishes: Any) -> list[Running[State]]:
    """The games of members of a new room."""
    return [Running(one, rules(one.member.seat), (), 0, QUICK) for one in visitors(world, count, **wishes)]


def play_on(world: World, running: list[Running[State]], *, rounds: int = 500) -> None:
    """Let all play in turn until it is over for everybody."""
    for count in range(rounds):
        for one in running:
            if not one.is_over:
                world.perform(one.round(float(count)))
        if all(one.is_over for one in running):
            return
    raise AssertionError(f"not over after {rounds} rounds: {[one.generation for one in running]}")
