"""`turnserver drain`: let the server of this machine finish what it holds, and leave."""

import os
import signal
import time

import click

from turnserver.cli.process_file import process_of

LOOK_S = 0.05
"""How often it is looked whether the server has gone."""


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8192, show_default=True, help="The port that it serves.")
@click.option(
    "--patience", "patience_s", type=float, default=60, show_default=True, help="Seconds to wait for its end."
)
def drain(port: int, patience_s: float) -> None:
    """Let the server on a port of this machine answer all held polls and end.

    Games go on: over Redis at the other nodes, and with a database when the server is started again.
    """
    process = process_of(port)
    if process is None:
        raise click.ClickException(f"no turnserver of yours serves port {port} on this machine")
    os.kill(process, signal.SIGTERM)
    deadline_s = time.monotonic() + patience_s
    while process_of(port) == process:
        if time.monotonic() > deadline_s:
            raise click.ClickException(f"process {process} has not ended within {patience_s:g} s; it goes on ending")
        time.sleep(LOOK_S)
    click.echo(f"process {process} has answered what it held, and left port {port}")
