"""`turnserver play`: a client for arbitrary text, in a pipe or at a terminal."""

import os
import signal
import sys
from collections.abc import Iterator
from functools import partial

import click

from turnserver.cli.screen import Screen, harmless
from turnserver.cli.talk import Talk, Undelivered
from turnserver.client import Game, TurnserverError, pair

CHUNK_BYTES = 65_536
INTERRUPTED = 130
"""The exit status of whoever ends by Ctrl-C."""


_EXAMPLE = """\b
Two files change places:
  turnserver play --name ann --partner bob <anns.txt >from-bob.txt &
  turnserver play --name bob --partner ann <bobs.txt >from-ann.txt
"""


@click.command(epilog=_EXAMPLE)
@click.option(
    "--server", "url", default="http://127.0.0.1:8192", show_default=True, metavar="URL", help="Where the server is."
)
@click.option("--name", required=True, help="Your name, as the partner sees it.")
@click.option("--partner", help="Meet only the player of this name, who must ask for you.  [default: anyone]")
@click.option("--title", default="", help="The game title; only players of the same title meet.")
@click.option(
    "--linger",
    "linger_s",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="After the end of input, quit when nothing came for so long.  [default: 0 at a terminal, no limit in a pipe]",
)
def play(url: str, name: str, partner: str | None, title: str, linger_s: float | None) -> None:
    """Exchange text with a partner: what you type or pipe in reaches them, what they send is printed.

    A pipe carries any text (UTF-8) exactly as it is, and ends when both sides have sent all of theirs. At a terminal
    Ctrl-D leaves when all is sent; Ctrl-C leaves at once, with exit status 130.
    """
    is_person = sys.stdin.isatty()
    for ending in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(ending, signal.default_int_handler)
    try:
        with _paired(url, name, partner, title) as game:
            _talk(game, linger_s=0 if is_person and linger_s is None else linger_s, is_person=is_person)
    except TurnserverError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        _say("left")
        sys.exit(INTERRUPTED)


def _paired(url: str, name: str, partner: str | None, title: str) -> Game:
    _say(f"waiting for {partner or 'a partner'}")
    try:
        game = pair(url, name, partner=partner, title=title)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    _say(f"paired with {game.partner}")
    return game


def _talk(game: Game, *, linger_s: float | None, is_person: bool) -> None:
    screen = Screen(sys.stdout.buffer, is_terminal=sys.stdout.isatty(), partner=game.partner)
    talk = Talk(game, _input(), screen.show, linger_s=linger_s)
    try:
        partner_left = talk.run(on_partner_done=partial(_say, f"{game.partner} has no more to say"))
    except UnicodeDecodeError as error:
        raise click.ClickException("the input is not text in UTF-8") from error
    except Undelivered as error:
        if not is_person:
            raise click.ClickException(f"{harmless(game.partner)} left before all input was sent") from error
        partner_left = True
    _say(f"{game.partner} has left" if partner_left else "the game is over")


def _input() -> Iterator[bytes]:
    """Standard input as it comes: unbuffered, so that no lock is held while nobody types."""
    return iter(partial(os.read, sys.stdin.fileno(), CHUNK_BYTES), b"")


def _say(what: str) -> None:
    """A status line for a person, out of the way of the text."""
    click.echo(harmless(what), err=True)
