"""`turnserver serve`: the server."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from turnserver.cli.options import load_settings, settings_options
from turnserver.cli.process_file import announce


@click.command()
@settings_options
def serve(config: Path | None, **options: Any) -> None:
    """Start a server; nothing has to be configured."""
    settings, _ = load_settings(config, options)
    from turnserver import server, workers  # noqa: PLC0415  # a mistyped option is answered before they are imported

    run = workers.run if settings.workers > 1 else server.run
    with ExitStack() as closing:

        def on_ready(address: str) -> None:
            announce(int(address.rpartition(":")[2]), closing)
            click.echo(f"turnserver listening on {address}")

        try:
            run(settings, on_ready=on_ready)
        except (server.CannotStart, server.StoppedUnsaved) as error:
            raise click.ClickException(str(error)) from error
