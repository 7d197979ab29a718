"""Light race: three riders draw walls behind them, and the last one on the track wins. In lock-step, by a room.

    python examples/light_race.py [--headless] [URL]

Only turns to the left and right travel. Each rider runs the same simulation from the same seed, in whole numbers
alone, so that it comes out the same on every machine; and the hash of every state is compared. All three run here, as
three threads; nothing would change if they ran on three machines. `--headless` draws nothing, and does not wait for
human eyes.

A recorded race can be run again: `turnserver replay RECORD --step examples.light_race:step`.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from zlib import crc32

from turnserver.client import Commands, Room, Session, Setup

ENGINE = "light race 1"
RIDERS = ("ann", "bob", "cleo")
LEFT, RIGHT, STRAIGHT = "l", "r", ""
TURN_MS = {True: 10, False: 120}
"""Turn length, headless or not."""

WAYS = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Up, right, down, left: one further is a turn to the right."""

PATIENCE, SIGHT = 3, 6
"""A rider looks every so many turns, so many cells ahead."""

MARKS = ".123456789"


class Rider(NamedTuple):
    """One rider: where, which way, and whether it is still racing."""

    column: int
    row: int
    way: int
    is_racing: bool = True


class Race(NamedTuple):
    """The whole state of the game. `walls` holds a row's cells as text: which rider drew each, or a dot."""

    columns: int
    walls: tuple[str, ...]
    riders: tuple[Rider, ...]
    chance: int


def start(setup: Setup) -> Race:
    """The race before its first turn: the seed decides where everybody stands."""
    columns, rows = setup.config.get("size", [24, 12])
    race = Race(columns, ("." * columns,) * rows, (), crc32(setup.seed.encode()))
    for index in range(len(setup.members)):
        place, chance = drawn(race.chance, columns // 3 * rows)
        column, row = place // rows + index % 3 * (columns // 3), place % rows
        way, chance = drawn(chance, len(WAYS))
        rider = Rider(column, row, way)
        walls = with_cell(race.walls, column, row, MARKS[index + 1])
        race = race._replace(walls=walls, riders=(*race.riders, rider), chance=chance)
    return race


def drawn(chance: int, count: int) -> tuple[int, int]:
    """A number below `count`, and what the next one is drawn from: the same on every machine."""
    chance = (chance * 1_664_525 + 1_013_904_223) % 2**32
    return (chance >> 8) % count, chance


def step(race: Race, _generation: int, commands: Commands) -> Race:
    """The race one turn later: all turn, all ride, and who meets a wall is out."""
    turned = [steered(rider, command) for rider, command in zip(race.riders, commands, strict=True)]
    ridden = [ahead(race, rider) for rider in turned]
    riders = []
    walls = race.walls
    for index, rider in enumerate(turned):
        column, row = ridden[index]
        meets = [other for other in range(len(turned)) if turned[other].is_racing and ridden[other] == (column, row)]
        is_racing = rider.is_racing and race.walls[row][column] == "." and len(meets) == 1
        if is_racing:
            rider, walls = rider._replace(column=column, row=row), with_cell(walls, column, row, MARKS[index + 1])  # noqa: PLW2901  # the same rider, further on
        riders.append(rider._replace(is_racing=is_racing))
    return race._replace(walls=walls, riders=tuple(riders))


def steered(rider: Rider, command: str | None) -> Rider:
    """The rider after its command; whatever is no command leads straight on."""
    turn = {LEFT: -1, RIGHT: 1}.get(command or STRAIGHT, 0)
    return rider._replace(way=(rider.way + turn) % len(WAYS))


def ahead(race: Race, rider: Rider) -> tuple[int, int]:
    """The cell before a rider; the track has no edge."""
    right, down = WAYS[rider.way]
    return (rider.column + right) % race.columns, (rider.row + down) % len(race.walls)


def with_cell(walls: tuple[str, ...], column: int, row: int, mark: str) -> tuple[str, ...]:
    """The walls with one cell more."""
    line = walls[row][:column] + mark + walls[row][column + 1 :]
    return (*walls[:row], line, *walls[row + 1 :])


def digest(race: Race) -> dict[str, str]:
    """A hash of each part of the state."""
    return {"walls": f"{crc32(repr(race.walls).encode()):x}", "riders": f"{crc32(repr(race.riders).encode()):x}"}


def is_over(race: Race) -> bool:
    """True when one at most is still racing."""
    return sum(rider.is_racing for rider in race.riders) <= 1


def choice(generation: int, race: Race, index: int) -> str:
    """What a rider does: it looks where there is room, now and then, for what it sees is some turns old."""
    if generation % PATIENCE:
        return STRAIGHT
    rider = race.riders[index]
    return max((STRAIGHT, RIGHT, LEFT), key=lambda command: free_cells(race, steered(rider, command)))


def free_cells(race: Race, rider: Rider) -> int:
    """How many free cells are before a rider, as far as it can see."""
    for count in range(SIGHT):
        column, row = ahead(race, rider)
        if race.walls[row][column] != ".":
            return count
        rider = rider._replace(column=column, row=row)
    return SIGHT


def ride(room: Room, *, is_shown: bool) -> Race:
    """One rider's race, from set-up to the end."""
    with room:
        seat = room.seat
        assert seat is not None
        game = room.lockstep(
            step,
            start(room.begin()),
            commands=lambda generation, race: choice(generation, race, seat),
            until=is_over,
            digest=digest,
        )
        while not game.is_over:
            game.turn()
            if is_shown:
                print(f"\x1b[H\x1b[Jturn {game.generation}", *game.state.walls, sep="\n")
        return game.state


def main() -> None:
    """Let three riders race on the server of the command line."""
    is_headless = "--headless" in sys.argv
    urls = [argument for argument in sys.argv[1:] if argument != "--headless"] or ["http://127.0.0.1:8192"]
    sessions = [Session(urls[0], title="light-race") for _ in RIDERS]
    wishes = {"engine": ENGINE, "seed": "7", "players": [3, 3], "turn_ms": TURN_MS[is_headless], "archive": "all"}
    first = sessions[0].create(wishes, name=RIDERS[0])
    rooms = [first, *(one.join(first.id, name=name) for one, name in zip(sessions[1:], RIDERS[1:], strict=True))]
    with ThreadPoolExecutor(len(rooms)) as threads:
        races = [
            threads.submit(ride, room, is_shown=not is_headless and index == 0) for index, room in enumerate(rooms)
        ]
        ends = [race.result() for race in races]
    winners = [name for name, rider in zip(RIDERS, ends[0].riders, strict=True) if rider.is_racing]
    print("\n".join(ends[0].walls))
    print(f"{' and '.join(winners) or 'nobody'} won; all three saw the same race: {ends.count(ends[0]) == len(ends)}")
    print(f"the record: {urls[0]}/archive/{first.id}")


if __name__ == "__main__":
    main()
