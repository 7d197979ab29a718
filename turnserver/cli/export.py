"""`turnserver export`: everything that servers keep, in one file."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from turnserver.cli.options import load_settings, store_options
from turnserver.store.seam import StoreDown

if TYPE_CHECKING:
    from turnserver.moving.lines import End


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@store_options
def export(file: Path, database: str | None, live: str | None, config: Path | None) -> None:
    """Write everything that servers keep into FILE: games that go on, accounts and other records, server keys.

    The servers must be stopped. turnserver import puts it all into other stores, where the games go on. The file holds
    secrets: whoever has it can play for everybody.
    """
    settings, _ = load_settings(config, {"database": database, "live": live})
    from turnserver import build  # noqa: PLC0415  # a mistyped option is answered before the server is imported
    from turnserver.moving.exporting import export as export_to  # noqa: PLC0415  # see above
    from turnserver.moving.exporting import new_file  # noqa: PLC0415  # see above
    from turnserver.moving.lines import Writer  # noqa: PLC0415  # see above

    async def work(writer: Writer) -> "End":
        async with build.all_of(settings) as (whole, records, keys):
            return await export_to(whole, records, keys, writer)

    try:
        build.check_records(settings)
        with new_file(file) as opened:
            end = asyncio.run(work(Writer(opened)))
    except (StoreDown, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"exported {end.partitions} partitions, {end.records} records and {end.keys} server keys to {file}")
