"""`turnserver key`: the keys of components that act for the server."""

from pathlib import Path

import click

from turnserver.cli.options import load_settings
from turnserver.service.context import new_server_key
from turnserver.service.secrets import digest
from turnserver.store.seam import StoreDown
from turnserver.store.server_keys import ServerKeys
from turnserver.wire.names import is_name

_config = click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="The TOML file that the server is started with."
)


@click.group()
def key() -> None:
    """Add, list and remove server keys; a server that runs notices at once."""


@key.command()
@click.argument("name")
@_config
def add(name: str, config: Path | None) -> None:
    """Add a key and print it: this once, and never again."""
    keys, name_bytes_max = _keys(config)
    if not is_name(name, bytes_max=name_bytes_max):
        raise click.ClickException(f"{name!r} is no name: 1 to {name_bytes_max} bytes without comma, ;, | and *")
    secret = new_server_key()
    try:
        is_new = keys.add(digest(secret), name)
    except StoreDown as error:
        raise click.ClickException(str(error)) from error
    if not is_new:
        raise click.ClickException(f"there is a key {name!r} already; remove it first, or choose another name")
    click.echo(secret)


@key.command("list")
@_config
def list_keys(config: Path | None) -> None:
    """Print the names of all keys."""
    keys, _ = _keys(config)
    try:
        names = keys.names().values()
    except StoreDown as error:
        raise click.ClickException(str(error)) from error
    for name in names:
        click.echo(name)


@key.command()
@click.argument("name")
@_config
def remove(name: str, config: Path | None) -> None:
    """Take a key away: from now on it gives no right."""
    keys, _ = _keys(config)
    try:
        is_gone = keys.remove(name)
    except StoreDown as error:
        raise click.ClickException(str(error)) from error
    if not is_gone:
        raise click.ClickException(f"there is no key {name!r}; turnserver key list names them all")


def _keys(config: Path | None) -> tuple[ServerKeys, int]:
    settings, _ = load_settings(config, {})
    return ServerKeys(Path(settings.server_keys)), settings.name_bytes_max
