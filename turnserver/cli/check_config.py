"""`turnserver check-config`: every effective value and where it came from."""

import re
from enum import Enum
from pathlib import Path
from typing import Any

import click

from turnserver.cli.options import load_settings, settings_options
from turnserver.settings import Setting

_PASSWORD = re.compile(r"(?<=://)([^/?#:]*:)[^/?#]*(@[^/?#@]*)")
"""The part of a URL before its path in which a password stands: user, password, host."""


@click.command("check-config")
@settings_options
def check_config(config: Path | None, **options: Any) -> None:
    """Print every setting's effective value, where it came from, and what it is for."""
    _, rows = load_settings(config, options)
    shown = [(row.name, _shown(row), row.source, row.reason) for row in rows]
    widths = [max(len(row[column]) for row in shown) for column in range(3)]
    for name, value, source, reason in shown:
        click.echo(f"{name:{widths[0]}} = {value:{widths[1]}}  # {source:{widths[2]}}  {reason}")


def _shown(row: Setting) -> str:
    return '"..."' if row.is_secret and row.value else _without_password(_toml(row.value))


def _without_password(text: str) -> str:
    """The text; if it is a URL, with dots in place of its password."""
    return _PASSWORD.sub(r"\1...\2", text)


def _toml(value: Any) -> str:
    """The value as a TOML file would have it, so that what is printed can be such a file."""
    if isinstance(value, Enum):
        value = value.value
    return f'"{value}"' if isinstance(value, str) else f"{value}"
