"""`turnserver account`: what an operator does for players who cannot help themselves."""

from pathlib import Path

import click

from turnserver.cli.records import command_line, records_options, settings_of, with_records
from turnserver.records.opened import Records
from turnserver.service.context import new_token
from turnserver.service.secrets import digest


@click.group()
def account() -> None:
    """Help the owners of accounts."""


@account.command()
@click.argument("name")
@records_options
def reset(name: str, database: str | None, config: Path | None) -> None:
    """Print a token with which the account's owner can set a new password, once.

    Hand it over where you know who reads it: whoever has it has the account.
    """
    settings = settings_of(config, database)
    token = new_token()

    async def add(records: Records) -> bool:
        found = await records.accounts.named(name)
        if found is None:
            return False
        actor = command_line()
        ends_ms = actor.at_ms + round(1000 * settings.reset_token_s)
        await records.accounts.add_reset(found, digest(token), actor, ends_ms=ends_ms)
        return True

    if not with_records(settings, add):
        raise click.ClickException(f"there is no account {name!r}")
    click.echo(token)
    click.echo(f"works once, within {round(settings.reset_token_s / 60)} minutes", err=True)
