"""`turnserver migrate`: bring the records' tables up to this version."""

from pathlib import Path

import click

from turnserver.cli.options import load_settings
from turnserver.records.places import records_url
from turnserver.store.seam import StoreDown


@click.command()
@click.option("--database", metavar="URL", help="Where state is kept.  [default: sqlite:///turnserver.db]")
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="The TOML file that the server is started with."
)
def migrate(database: str | None, config: Path | None) -> None:
    """Bring the tables of accounts and other records up to this version of turnserver.

    SQLite is migrated by every start of a server; PostgreSQL by this command alone, while games go on.
    """
    settings, _ = load_settings(config, {"database": database})
    from turnserver.records import schema  # noqa: PLC0415  # a mistyped option is answered before SQLAlchemy is imported
    from turnserver.records.url import shown  # noqa: PLC0415  # see above

    url = records_url(settings.database)
    try:
        before, after = schema.migrate(url)
    except StoreDown as error:
        raise click.ClickException(str(error)) from error
    change = f"are at version {after} already" if before == after else f"went from {before or 'none'} to {after}"
    click.echo(f"the tables in {shown(url)} {change}")
