"""`turnserver import`: what `turnserver export` has written, put into stores that are empty."""

import asyncio
from pathlib import Path

import click

from turnserver.cli.options import load_settings, store_options
from turnserver.store.seam import StoreDown


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@store_options
def import_(file: Path, database: str | None, live: str | None, config: Path | None) -> None:
    """Put everything that turnserver export has written into FILE where servers with these settings will find it.

    There must be nothing yet. Start the servers afterwards: games go on where each player last heard of them.
    """
    settings, _ = load_settings(config, {"database": database, "live": live})
    from turnserver import build  # noqa: PLC0415  # a mistyped option is answered before the server is imported
    from turnserver.moving.importing import Contents, import_all, looked_through  # noqa: PLC0415  # see above
    from turnserver.moving.lines import BadFile, Reader  # noqa: PLC0415  # see above
    from turnserver.records import schema  # noqa: PLC0415  # see above

    reader = Reader(file, build.Document)

    async def work(contents: Contents) -> None:
        async with build.all_of(settings) as (whole, records, keys):
            await import_all(reader, contents, whole, records, keys)

    try:
        contents = looked_through(reader)
        schema.migrate(build.records_of(settings))
        asyncio.run(work(contents))
    except (StoreDown, BadFile, OSError) as error:
        raise click.ClickException(str(error)) from error
    end = contents.end
    click.echo(f"imported {end.partitions} partitions, {end.records} records and {end.keys} server keys from {file}")
