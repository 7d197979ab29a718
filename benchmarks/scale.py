"""What a million players cost, worked out from the figures of a run: the tables of docs/scale.md.

python -m benchmarks costs "waiting polls" "bytes of an empty poll" --json figures.json
python -m benchmarks.scale figures.json --document docs/scale.md
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import document, players

PLAYERS = 1_000_000
BUSY = 0.6
"""How much of a core may be used in the long run: the rest is for evenings, and for nodes that are being replaced."""

GAME_S = 600
"""How long a match lasts: so often players meet anew."""

Figures = Mapping[str, Any]


class Game(NamedTuple):
    """What kind of game all of them play."""

    name: str
    requests_per_s: float
    """Of each player."""
    kind: str
    """What is measured as a request of this game."""


GAMES = (
    Game("a move every 10 s, held until it is answered", 0.1, "update, answered"),
    Game("an update every second", 1, "update"),
    Game("five updates a second", 5, "update"),
)


def tables(figures: Figures) -> dict[str, object]:
    """All tables: what was measured, and what follows.

    Raises:
        KeyError: A part was not measured.
    """
    return {
        "what was measured": {**figures["measured on"]},
        "what one request costs": {
            name: cost for name, cost in figures["costs"].items() if isinstance(cost, dict) and "process, us" in cost
        },
        "what a player takes": {
            "bytes of a match in Redis": figures["costs"]["bytes of a match in Redis"],
            "bytes of a held poll in a process": held_poll_bytes(figures),
            "bytes of HTTP of an empty poll": figures["bytes of an empty poll"]["together"],
        },
        "one process, embedded": {game.name: {"players at most": carried(figures, game)} for game in GAMES},
        "a million players": _columns({game.name: million(figures, game) for game in GAMES}),
    }


def held_poll_bytes(figures: Figures) -> int:
    """What a poll that waits adds to its process, its connection included."""
    rows = {name: row for name, row in figures["waiting polls"].items() if isinstance(row, dict)}
    megabytes = {int(name.partition(" ")[0]): float(row["MB"]) for name, row in rows.items()}
    few, many = min(megabytes), max(megabytes)
    return round(1e6 * (megabytes[many] - megabytes[few]) / (many - few))


def carried(figures: Figures, game: Game) -> float:
    """How many players one process with the embedded store carries, to two digits."""
    cost = figures["costs"][f"{game.kind}, embedded"]
    return _two_digits(BUSY * 1e6 / float(cost["process, us"]) / game.requests_per_s)


def million(figures: Figures, game: Game) -> dict[str, object]:
    """What a million players of a game cost."""
    cost, match = figures["costs"][f"{game.kind}, over Redis"], figures["costs"]["match begun, over Redis"]
    requests = PLAYERS * game.requests_per_s
    matches = PLAYERS / 2
    begun = matches / GAME_S
    http_bytes = figures["bytes of an empty poll"]["together"] + 2 * len(players.TEXT)
    process_s = (requests * cost["process, us"] + begun * match["process, us"]) / 1e6
    redis_s = (requests * cost["Redis, us"] + begun * match["Redis, us"]) / 1e6
    processes = _cores(process_s)
    return {
        "requests/s": _two_digits(requests),
        "matches begun/s": _two_digits(begun),
        "operations of the store/s": _two_digits(requests * cost["operations"] + begun * match["operations"]),
        "HTTP, Mbit/s": _two_digits(8 * requests * http_bytes / 1e6),
        "to and from Redis, Mbit/s": _two_digits(
            8 * requests * (cost["bytes to Redis"] + cost["bytes from Redis"]) / 1e6
        ),
        "processes, a core each": processes,
        "processes for matches that begin": _cores(begun * match["process, us"] / 1e6),
        "connections of each process": _two_digits(PLAYERS / processes),
        "memory of held polls in each, MB": _two_digits(PLAYERS / processes * held_poll_bytes(figures) / 1e6),
        "shards of Redis, a core each": _cores(redis_s),
        "shards for matches that begin": _cores(begun * match["Redis, us"] / 1e6),
        "memory of Redis, GB": _two_digits(matches * figures["costs"]["bytes of a match in Redis"] / 1e9),
    }


def _cores(seconds_per_s: float) -> int:
    return math.ceil(seconds_per_s / BUSY)


def _two_digits(value: float) -> float:
    """As exact as such an estimate can be."""
    rounded = float(f"{value:.1e}")
    return int(rounded) if rounded >= 10 else rounded


def _columns(by_game: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """A row for each figure, a column for each game."""
    rows = next(iter(by_game.values()))
    return {row: {game: by_game[game][row] for game in by_game} for row in rows}


def main() -> None:
    """Put the tables into a document, or print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument(
        "figures", type=Path, metavar="FIGURES", help="what `python -m benchmarks … --json` has written"
    )
    parser.add_argument("--document", type=Path, metavar="FILE", help="put the tables into this document")
    options = parser.parse_args()
    try:
        found = tables(json.loads(options.figures.read_text(encoding="utf-8")))
    except KeyError as missing:
        parser.error(f"{options.figures} has no {missing}; measure costs, waiting polls and bytes of an empty poll")
    if options.document:
        document.update(options.document, found)
    else:
        sys.stdout.write("\n".join(document.lines(found)) + "\n")


if __name__ == "__main__":
    main()
