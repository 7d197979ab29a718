"""`turnserver operator`: who may use the console."""

from pathlib import Path

import click

from turnserver.cli.records import asked_password, command_line, records_options, settings_of, with_records
from turnserver.domain.accounts import check_new_password
from turnserver.messages.reply import Refused
from turnserver.service.passwords import Passwords
from turnserver.wire.names import is_name


@click.group()
def operator() -> None:
    """Add, list and remove operators of the console; a server that runs notices at once."""


@operator.command()
@click.argument("name")
@records_options
def add(name: str, database: str | None, config: Path | None) -> None:
    """Add an operator; the password is asked for, or read from the standard input."""
    settings = settings_of(config, database)
    if not is_name(name, bytes_max=settings.name_bytes_max):
        raise click.ClickException(
            f"{name!r} is no name: 1 to {settings.name_bytes_max} bytes without comma, ;, | and *"
        )
    password = asked_password()
    if len(password.encode()) > settings.password_bytes_max:
        raise click.ClickException(f"password: more than {settings.password_bytes_max} bytes")
    try:
        check_new_password(password, name=name, limits=settings)
    except Refused as refused:
        raise click.ClickException(refused.details) from None
    hashed = Passwords(1).hash_now(password)
    if not with_records(settings, lambda records: records.operators.add(name, hashed, command_line())):
        raise click.ClickException(f"there is an operator {name!r} already; remove it first, or choose another name")
    click.echo(f"operator {name} may use the console")


@operator.command("list")
@records_options
def list_operators(database: str | None, config: Path | None) -> None:
    """Print the names of all operators."""
    for name in with_records(settings_of(config, database), lambda records: records.operators.names()):
        click.echo(name)


@operator.command()
@click.argument("name")
@records_options
def remove(name: str, database: str | None, config: Path | None) -> None:
    """Take an operator away, and end all sessions of that one in the console."""
    settings = settings_of(config, database)
    if not with_records(settings, lambda records: records.operators.remove(name, command_line())):
        raise click.ClickException(f"there is no operator {name!r}; turnserver operator list names them all")
