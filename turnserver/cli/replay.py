"""`turnserver replay`: run a recorded room through a game's step function and compare every hash."""

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import click

from turnserver.client.replaying import BadRecord, Record, Replayed, read_record, replay

STDIN = "-"
READ_S_MAX = 60
"""Longest silence of a server that sends a record."""

_EXAMPLE = """\b
  turnserver replay race.jsonl --step examples.light_race:step
  turnserver replay http://127.0.0.1:8192/archive/ROOM --step examples.light_race:step
"""


@click.command("replay", epilog=_EXAMPLE)
@click.argument("record", metavar="RECORD")
@click.option(
    "--step", "place", required=True, metavar="MODULE:FUNCTION", help="(state, generation, commands) to state."
)
@click.option("--start", default="start", show_default=True, help="In the same module: (setup) to the first state.")
@click.option("--digest", default="digest", show_default=True, help="In the same module: (state) to its hash.")
@click.option("--token", envvar="TURNSERVER_TOKEN", help="A member's session token or room key, for a URL.")
def replay_command(record: str, place: str, start: str, digest: str, token: str | None) -> None:
    """Run a recorded room again and compare every hash.

    RECORD holds the JSON lines of GET /archive/ROOM: a file, its URL, or - for standard input. MODULE is looked for in
    the current folder too. Ends with status 0 if all hashes are the same, and with 1, and the first generation that
    differs, if not; with 2 if there is nothing to compare.
    """
    module, step_name = _module(place)
    step, begin, hash_of = (_function(module, name) for name in (step_name, start, digest))
    room = _record(record, token)
    _report(replay(room, begin(room.setup), step, hash_of))


def _module(place: str) -> tuple[Any, str]:
    name, colon, function = place.partition(":")
    if not (name and colon and function):
        raise click.UsageError(f"--step: not MODULE:FUNCTION: {place!r}")
    sys.path.insert(0, str(Path.cwd()))
    try:
        return import_module(name), function
    except ModuleNotFoundError as error:
        raise click.UsageError(f"--step: {error}") from error


def _function(module: Any, name: str) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if not callable(function):
        raise click.UsageError(f"{module.__name__} has no function {name!r}")
    return function  # type: ignore[no-any-return]  # a module's attribute has no type


def _record(where: str, token: str | None) -> Record:
    try:
        return read_record(_lines(where, token))
    except (OSError, BadRecord) as error:
        reason = error.reason if isinstance(error, URLError) and not isinstance(error, HTTPError) else error
        raise click.UsageError(f"{where}: {reason}") from error


def _lines(where: str, token: str | None) -> Iterable[bytes]:
    if where == STDIN:
        return sys.stdin.buffer.readlines()
    if not where.startswith(("http://", "https://")):
        return Path(where).read_bytes().splitlines()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urlopen(Request(where, headers=headers), timeout=READ_S_MAX) as answer:  # noqa: S310  # the scheme was checked
            return list(answer)
    except HTTPError as error:
        error.close()  # it is an open answer as well
        raise


def _report(replayed: Replayed) -> None:
    """Say how it went, and end the program if it went wrong."""
    found = replayed.difference
    if found is not None:
        click.echo(f"the games differ after generation {found.generation}")
        click.echo(f"  replayed: {found.hash}")
        for seat, reported in sorted(found.reported.items()):
            click.echo(f"  seat {seat}:   {reported}")
        sys.exit(1)
    if not replayed.compared:
        raise click.UsageError("the record holds no hash to compare")
    click.echo(f"{replayed.generations} generations, {replayed.compared} reported hashes: all the same")
