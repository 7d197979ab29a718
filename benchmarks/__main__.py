"""`make bench`: everything side by side in one run; a table, and with `--json FILE` the figures."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from benchmarks import batch, costs, document, logins, messages, relay, rooms, servers, shared, size, tail, waiting

PARTS: dict[str, Callable[[argparse.Namespace], dict[str, object]]] = {
    "relay": lambda options: relay.against_references(rounds=options.rounds, seconds=options.seconds),
    "growth": lambda options: relay.growth(
        rounds=2 * options.rounds + 1, seconds=options.seconds, few=100, many=options.matches
    ),
    "batch": lambda options: batch.against_single(rounds=options.rounds, seconds=options.seconds),
    "tail": lambda options: tail.at_half_rate(rounds=options.rounds, seconds=options.seconds),
    "waiting polls": lambda options: waiting.growth(polls=options.polls, seconds=2 * options.seconds),
    "over Redis": lambda options: shared.over_redis(rounds=options.rounds, seconds=options.seconds),
    "processes over Redis": lambda options: shared.processes(rounds=options.rounds, seconds=options.seconds),
    "costs": lambda options: costs.costs(rounds=options.rounds, seconds=options.seconds),
    "memory": lambda _options: size.memory(),
    "bytes of an empty poll": lambda _options: size.empty_poll(),
    "logins": lambda options: logins.storm(rounds=options.rounds, seconds=options.seconds),
    "rooms": lambda options: rooms.turning(rounds=options.rounds, seconds=options.seconds),
    "delay of many rooms": lambda options: rooms.delay(
        rooms=options.rooms, seats=4, rounds=options.rounds, seconds=2 * options.seconds
    ),
    "bytes of an empty turn": lambda options: rooms.turn_bytes(seconds=options.seconds),
    "chat": lambda options: messages.chat(rounds=options.rounds, seconds=options.seconds),
    "inbox": lambda options: messages.inbox(rounds=options.rounds, seconds=options.seconds),
}


def main() -> None:
    """Run the parts that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of: {', '.join(PARTS)}; all without one")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each comparison")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each contender runs in a round")
    parser.add_argument("--matches", type=int, default=100_000, help="how many live matches `growth` goes up to")
    parser.add_argument("--polls", type=int, default=10_000, help="how many polls wait at most for `waiting polls`")
    parser.add_argument("--rooms", type=int, default=500, help="how many rooms of 4 play for `delay of many rooms`")
    parser.add_argument("--document", type=Path, metavar="FILE", help="put the tables into this document as well")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    figures: dict[str, object] = {"measured on": _machine(cores)}
    _show("measured on", figures["measured on"])
    for part in options.parts or PARTS:
        figures[part] = PARTS[part](options)
        _show(part, figures[part])
    if options.document:
        document.update(options.document, figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _machine(cores: list[int]) -> dict[str, object]:
    packages = ("uvicorn", "uvloop", "httptools", "starlette", "sqlalchemy", "msgspec")
    revision = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return {
        "revision": revision.stdout.strip() or "unknown",
        "machine": f"{platform.machine()}, {len(cores)} cores, Linux {platform.release()}",
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
        "pinned": f"servers to core {servers.core(cores)}, the load to core {cores[-1]}",
    }


def _show(part: str, figures: object) -> None:
    assert isinstance(figures, dict)
    sys.stdout.write(f"\n{part}\n")
    for name, value in figures.items():
        sys.stdout.write(f"  {name:28} {_shown(value)}\n")
    sys.stdout.flush()


def _shown(value: object) -> str:
    if not isinstance(value, dict):
        return f"{value}"
    if "ratio" in value:
        server = f"   server {value['server, us']:5.1f} us" if "server, us" in value else ""
        return f"{value['ratio']:7.3f}   {value['per_s']:9,}/s{server}"
    return "   ".join(f"{name} {number:,}" for name, number in value.items())


if __name__ == "__main__":
    main()
