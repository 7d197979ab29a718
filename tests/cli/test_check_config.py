import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from turnserver.cli import main
from turnserver.settings import Settings


def check_config(*options: str) -> str:
    result = CliRunner().invoke(main, ["check-config", *options], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def line(output: str, name: str) -> str:
    (found,) = (line for line in output.splitlines() if line.startswith(f"{name} "))
    return " ".join(found.split())


def test_each_effective_value_is_printed_with_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "settings.toml"
    config.write_text("name_bytes_max = 10\n")
    monkeypatch.setenv("TURNSERVER_PLAY_SILENCE_S", "5")
    output = check_config("--port", "9000", "--config", str(config))

    assert line(output, "port").startswith("port = 9000 # command line")
    assert line(output, "play_silence_s").startswith("play_silence_s = 5.0 # environment")
    assert line(output, "name_bytes_max").startswith(f"name_bytes_max = 10 # {config}")
    assert line(output, "durability").startswith('durability = "process" # default')


def test_every_setting_is_there() -> None:
    assert len(check_config().splitlines()) == len([setting for setting in fields(Settings) if setting.init])


def test_what_is_printed_can_be_a_file_of_settings(tmp_path: Path) -> None:
    output = check_config("--port", "9000")
    config = tmp_path / "settings.toml"
    config.write_text(output)

    assert tomllib.loads(output)["port"] == 9000
    assert line(check_config("--config", str(config)), "port").startswith(f"port = 9000 # {config}")


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert line(check_config(), "mail_password").startswith('mail_password = "" # default')
    monkeypatch.setenv("TURNSERVER_MAIL_PASSWORD", "correct horse")
    output = check_config()

    assert line(output, "mail_password").startswith('mail_password = "..." # environment')
    assert "correct horse" not in output


@pytest.mark.parametrize(
    ("name", "url", "shown"),
    [
        ("live", "redis://ann:correct%20horse@redis.example:6379/0", "redis://ann:...@redis.example:6379/0"),
        ("live", "redis+sentinel://:horse@a:1,b:2/games/0", "redis+sentinel://:...@a:1,b:2/games/0"),
        ("live", "unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
        ("live", "redis://127.0.0.1/0", "redis://127.0.0.1/0"),
        ("database", "postgresql+asyncpg://turn:ho@rse@db/turn", "postgresql+asyncpg://turn:...@db/turn"),
        ("database", "postgresql+asyncpg://turn@db/turn", "postgresql+asyncpg://turn@db/turn"),
        ("database", "sqlite:///turn:er@server.db", "sqlite:///turn:er@server.db"),
        ("reset_webhook", "https://u:horse@hook.example/a?b=c@d:e", "https://u:...@hook.example/a?b=c@d:e"),
    ],
)
def test_no_password_of_a_url_is_shown(monkeypatch: pytest.MonkeyPatch, name: str, url: str, shown: str) -> None:
    monkeypatch.setenv(f"TURNSERVER_{name.upper()}", url)

    assert line(check_config(), name).startswith(f'{name} = "{shown}" # environment')
