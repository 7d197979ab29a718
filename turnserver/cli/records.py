"""What commands on the records share: which they are, and how their failures are told."""

import asyncio
import getpass
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from turnserver.cli.options import load_settings
from turnserver.domain.audit import COMMAND_LINE, Actor
from turnserver.records.opened import Records
from turnserver.records.places import IN_MEMORY, is_sqlite, records_url
from turnserver.settings import Durability, Settings
from turnserver.store.seam import StoreDown

Result = TypeVar("Result")

_OPTIONS = (
    click.option("--database", metavar="URL", help="Where state is kept.  [default: sqlite:///turnserver.db]"),
    click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The TOML file that the server is started with.",
    ),
)


def records_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where the records are."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(config: Path | None, database: str | None) -> Settings:
    """The settings of the server whose records they are, or the end of the program with a sentence."""
    settings, _ = load_settings(config, {"database": database})
    return settings


def with_records(settings: Settings, work: Callable[[Records], Awaitable[Result]]) -> Result:
    """What `work` makes of the records, or the end of the program with a sentence that says what is wrong."""
    url = records_url(settings.database, writes=settings.durability is not Durability.NONE)
    if url == IN_MEMORY:
        raise click.ClickException(
            "with durability none a server keeps its records to itself; choose another, or PostgreSQL"
        )
    from turnserver.records import schema  # noqa: PLC0415  # a mistyped option is answered before SQLAlchemy is imported

    async def use() -> Result:
        records = Records(url)
        try:
            return await work(records)
        finally:
            await records.close()

    try:
        if is_sqlite(url):
            schema.migrate(url)
        else:
            schema.check(url)
        return asyncio.run(use())
    except StoreDown as error:
        raise click.ClickException(str(error)) from error


def command_line() -> Actor:
    """Who acts: whoever may run commands here."""
    return Actor(COMMAND_LINE, "-", time.time_ns() // 1_000_000)


def asked_password() -> str:
    """A password that was typed twice, or, where nobody types, the first line of the standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise click.ClickException("the two are not the same")
    return password
