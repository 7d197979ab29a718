import click
import pytest

from turnserver.cli.options import load_settings, settings_options


def test_a_command_gets_the_options_of_serve() -> None:
    @click.command
    @settings_options
    def command() -> None: ...

    names = [option.name for option in command.params]
    assert names == ["host", "port", "database", "live", "ack_replicas", "workers", "durability", "config"]


def test_what_the_command_line_gives_is_a_setting() -> None:
    settings, _ = load_settings(None, {"port": 9000, "host": None})

    assert (settings.port, settings.host) == (9000, "127.0.0.1")


def test_a_setting_that_cannot_be_used_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNSERVER_PROT", "9000")

    with pytest.raises(click.ClickException, match="there is no setting 'prot'"):
        load_settings(None, {})
