"""The options that decide on settings, and how they are loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from turnserver.settings import Durability, Setting, Settings, SettingsError, load

_DATABASE = click.option("--database", metavar="URL", help="Where state is kept.  [default: sqlite:///turnserver.db]")
_LIVE = click.option("--live", metavar="URL", help="Redis or Valkey, for more than one process, like redis://HOST/0.")
_CONFIG = click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="A TOML file with a key for each setting."
)
_OPTIONS = (
    click.option("--host", help="Address to listen on.  [default: 127.0.0.1]"),
    click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.  [default: 8192]"),
    _DATABASE,
    _LIVE,
    click.option(
        "--ack-replicas", type=click.IntRange(0), help="Replicas of Redis that must have what is acknowledged."
    ),
    click.option("--workers", type=click.IntRange(1), help="Processes on this machine; needs --live.  [default: 1]"),
    click.option(
        "--durability",
        type=click.Choice([one.value for one in Durability]),
        help="What acknowledged requests survive: nothing, a kill, a power cut.  [default: process]",
    ),
    _CONFIG,
)


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `serve`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def store_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `serve` that say where everything is kept."""
    for option in (_CONFIG, _LIVE, _DATABASE):
        command = option(command)
    return command


def load_settings(config: Path | None, options: dict[str, Any]) -> tuple[Settings, list[Setting]]:
    """The effective settings, or the end of the program with a sentence that says what is wrong."""
    try:
        return load(config=config, options=options)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
