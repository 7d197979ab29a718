"""`turnserver account`: what an operator does for players who cannot help themselves, and against some."""

from datetime import UTC, datetime
from pathlib import Path

import click

from turnserver.cli.records import command_line, records_options, settings_of, with_records
from turnserver.records.opened import Records
from turnserver.service.context import new_token
from turnserver.service.secrets import digest

LISTED = 100
"""Accounts that are listed where nobody says how many."""


@click.group()
def account() -> None:
    """List and delete accounts, and help their owners."""


@account.command("list")
@click.option("--like", default="", metavar="TEXT", help="Only names with TEXT in them; case does not matter.")
@click.option("--limit", type=click.IntRange(min=1), default=LISTED, show_default=True, help="How many at most.")
@records_options
def list_accounts(like: str, limit: int, database: str | None, config: Path | None) -> None:
    """Print accounts, the newest first: when each was made, its latest login (both UTC), its name."""
    rows = with_records(
        settings_of(config, database), lambda records: records.accounts.listed(like=like, most=limit + 1)
    )
    for row in rows[:limit]:
        click.echo(f"{_clock(row.created_ms)}  {_clock(row.seen_ms)}  {row.name}")
    if len(rows) > limit:
        click.echo(f"there are more than {limit}: narrow them down with --like, or ask for more with --limit", err=True)


@account.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@records_options
def delete(name: str, *, yes: bool, database: str | None, config: Path | None) -> None:
    """Delete an account for good, as its owner could: its sessions end, and its name is free.

    Whoever takes the name is somebody else. The audit, and the games that it played, still tell its name.
    """
    settings = settings_of(config, database)
    found = with_records(settings, lambda records: records.accounts.named(name))
    if found is None:
        raise _nobody(name)
    if not yes:
        click.confirm(f"Delete the account {found.name!r} for good?", abort=True, err=True)

    async def gone(records: Records) -> bool:
        return await records.accounts.delete(found, command_line()) is not None

    if not with_records(settings, gone):
        raise click.ClickException(f"the account {found.name!r} was changed or deleted meanwhile; look again")
    click.echo(f"account {found.name} is deleted; at a server that runs its sessions end within seconds")


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
        raise _nobody(name)
    click.echo(token)
    click.echo(f"works once, within {round(settings.reset_token_s / 60)} minutes", err=True)


def _nobody(name: str) -> click.ClickException:
    return click.ClickException(f"there is no account {name!r}; turnserver account list names them")


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
