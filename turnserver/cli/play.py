"""`turnserver play`: a client for arbitrary text, in a pipe or at a terminal."""

import os
import signal
import sys
from collections.abc import Iterator
from functools import partial

import click

from turnserver.cli.screen import Screen, harmless
from turnserver.cli.talk import Ending, Talk, Undelivered
from turnserver.client import Game, TurnserverError, pair

CHUNK_BYTES = 65_536
CUT_OFF = 3
"""The exit status where the partner left without an end of its input."""
INTERRUPTED = 130
"""The exit status of whoever ends by Ctrl-C."""


_EPILOG = """\b
Exit status:
  0    both were done, or you did not listen any longer (Ctrl-D, --linger)
  1    an error, or the partner left before all input was sent, or before a pipe had ended
  2    the command line is wrong
  3    the partner left before the end of its input: something may be missing
  130  Ctrl-C

A chat, from a terminal to a terminal, ends with 0 when the partner leaves.

\b
Two files change places:
  turnserver play --name ann --partner bob <anns.txt >from-bob.txt &
  turnserver play --name bob --partner ann <bobs.txt >from-ann.txt
"""


@click.command(epilog=_EPILOG)
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
    Ctrl-D leaves when all is sent; Ctrl-C leaves at once.
    """
    is_person = sys.stdin.isatty()
    for ending in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(ending, signal.default_int_handler)
    try:
        with _paired(url, name, partner, title) as game:
            _talk(
                game,
                linger_s=0 if is_person and linger_s is None else linger_s,
                is_chat=is_person and sys.stdout.isatty(),
            )
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


def _talk(game: Game, *, linger_s: float | None, is_chat: bool) -> None:
    screen = Screen(sys.stdout.buffer, is_terminal=sys.stdout.isatty(), partner=game.partner)
    talk = Talk(game, _input(), screen.show, linger_s=linger_s)
    try:
        ending = talk.run(on_partner_done=partial(_say, f"{game.partner} has no more to say"))
    except UnicodeDecodeError as error:
        raise click.ClickException("the input is not text in UTF-8") from error
    except Undelivered as error:
        if not is_chat:
            raise click.ClickException(f"{harmless(game.partner)} left before all input was sent") from error
        ending = Ending.PARTNER_LEFT
    if ending is Ending.UNHEARD and not sys.stdin.isatty():
        raise click.ClickException(f"{harmless(game.partner)} left before the end of the input")
    if ending is Ending.CUT_OFF and not is_chat:
        raise _CutOff(f"{harmless(game.partner)} left without an end of its input: something may be missing")
    _say("the game is over" if ending is Ending.OVER else f"{game.partner} has left")


class _CutOff(click.ClickException):
    exit_code = CUT_OFF


def _input() -> Iterator[bytes]:
    """Standard input as it comes: unbuffered, so that no lock is held while nobody types."""
    return iter(partial(os.read, sys.stdin.fileno(), CHUNK_BYTES), b"")


def _say(what: str) -> None:
    """A status line for a person, out of the way of the text."""
    click.echo(harmless(what), err=True)
