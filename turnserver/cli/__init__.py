"""The command line. Each command lives in the module of its name and is imported when it is called."""

from importlib import import_module
from typing import Any

import click

from turnserver import __version__

COMMANDS = {
    "serve": "turnserver.cli.serve:serve",
    "drain": "turnserver.cli.drain:drain",
    "check-config": "turnserver.cli.check_config:check_config",
    "key": "turnserver.cli.key:key",
    "operator": "turnserver.cli.operator:operator",
    "account": "turnserver.cli.account:account",
    "migrate": "turnserver.cli.migrate:migrate",
    "export": "turnserver.cli.export:export",
    "import": "turnserver.cli.import_:import_",
    "play": "turnserver.cli.play:play",
    "demo": "turnserver.cli.demo:demo",
    "replay": "turnserver.cli.replay:replay_command",
}
"""Where each command lives."""


class _Commands(click.Group):
    """A group that imports a command only when it is asked for: `serve` must not pay for `demo`."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: Any = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="turnserver")
def main() -> None:
    """Play together over plain HTTP POSTs."""
