"""`turnserver demo`: a server and two players, and every line that they exchange."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import click

from turnserver.client import Game, Role, Timing, TurnserverError, pair
from turnserver.messages.reply import Reply
from turnserver.protocol.symbols import Symbol
from turnserver.wire import replies

PLAYERS = ("ann", "bob")
WORDS = ("turtle", "eagle", "elephant", "tiger", "rabbit", "tapir", "reindeer", "raccoon", "newt")
"""What both players know. The first word is the first move; each later one begins as the one before ends."""

GIVE_UP = "I give up!"
TIMING = Timing(give_up_s=5)
"""Not for longer: after Ctrl-C the server is gone for good."""

STOP_S_MAX = 15.0
_COMMAND = ("-m", "turnserver", "serve", "--host", "127.0.0.1", "--port", "0", "--durability", "none")


@click.command()
def demo() -> None:
    """Start a server on a free port, play a word game on it, and show each line sent and received."""
    try:
        with _server() as url:
            click.echo(f"A server listens on {url}. Two players meet there and play a chain of words.")
            click.echo("The server holds a poll until there is news. Each line is shown when its reply comes.\n")
            show = _shower()
            with ThreadPoolExecutor(len(PLAYERS)) as threads:
                games = [threads.submit(_play, url, *names, show) for names in (PLAYERS, PLAYERS[::-1])]
                words = [game.result() for game in games]
    except TurnserverError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"\nBoth saw the same game: {' - '.join(words[0])}.")
    click.echo("Start a server of your own with: turnserver serve")


@contextmanager
def _server() -> Iterator[str]:
    """The address of a server that runs as a process of its own, until the end of the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TURNSERVER_")}
    environment["TURNSERVER_LOG_LEVEL"] = "warning"
    command = (sys.executable, *_COMMAND)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            if not words:
                raise click.ClickException("the server did not start")
            yield words[-1]
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        process.kill()


def _play(url: str, name: str, partner: str, show: Callable[[str, bytes, bytes], None]) -> list[str]:
    """One player's game; the words that were played, in order."""
    with pair(url, name, partner=partner, timing=TIMING, observe=partial(show, name)) as game:
        words = list(_chain(game))
        game.quit()
    return words


def _chain(game: Game) -> Iterator[str]:
    """Move in turns until one knows no word any more."""
    played: list[str] = []
    is_my_turn = game.role is Role.SERVER
    while True:
        if is_my_turn:
            word = next_word(played)
            game.send(word)
        else:
            word = game.receive_one()
        if word == GIVE_UP:
            return
        played.append(word)
        yield word
        is_my_turn = not is_my_turn


def next_word(played: list[str]) -> str:
    """The first word that was not played yet and begins with the latest one's last letter."""
    if not played:
        return WORDS[0]
    return next((word for word in WORDS if word not in played and word[0] == played[-1][-1]), GIVE_UP)


def _shower() -> Callable[[str, bytes, bytes], None]:
    """What prints one exchange of a player, a line at a time."""
    lock = threading.Lock()
    header = f"{'':3}  {'request':13} {'symbol,data,key,player,counter':44} {'reply':28} meaning"
    click.secho(header, dim=True)

    def show(name: str, request: bytes, line: bytes) -> None:
        reply = replies.parse(line)
        symbol = Symbol(request.partition(b",")[0].decode()).name
        who = click.style(f"{name:3}", fg="cyan" if name == PLAYERS[0] else "yellow")
        with lock:
            click.echo(f"{who}  {symbol:13} {request.decode():44} {line.decode():28} {_meaning(reply)}")

    return show


def _meaning(reply: Reply) -> str:
    """The first words of the answer's meaning."""
    return click.style(reply.answer.words.partition(";")[0], dim=True)
