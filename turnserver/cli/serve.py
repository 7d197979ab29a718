"""`turnserver serve`: the server."""

import logging
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from turnserver.cli.options import load_settings, settings_options
from turnserver.cli.process_file import announce
from turnserver.events import Event, tell
from turnserver.settings import LogFormat, Settings

_logger = logging.getLogger("turnserver.server")


@click.command()
@settings_options
def serve(config: Path | None, **options: Any) -> None:
    """Start a server; nothing has to be configured."""
    settings, _ = load_settings(config, options)
    from turnserver import logs, server, workers  # noqa: PLC0415  # a mistyped option is answered before these are imported

    logs.set_up(sys.stderr, log_format=settings.log_format, level=settings.log_level)
    run = workers.run if settings.workers > 1 else server.run
    with ExitStack() as closing:

        def on_ready(address: str) -> None:
            announce(int(address.rpartition(":")[2]), closing)
            click.echo(f"turnserver listening on {address}")

        try:
            run(settings, on_ready=on_ready)
        except server.CannotStart as error:
            raise _ended(settings, Event.NOT_STARTED, error) from error
        except server.StoppedUnsaved as error:
            raise _ended(settings, Event.STOPPED_UNSAVED, error) from error


def _ended(settings: Settings, event: Event, error: Exception) -> click.exceptions.Exit | click.ClickException:
    """The end of the program: an event where the log was asked to be JSON throughout, else a sentence."""
    if settings.log_format is not LogFormat.JSON:
        return click.ClickException(str(error))
    tell(_logger, event, reason=str(error))
    return click.exceptions.Exit(1)
