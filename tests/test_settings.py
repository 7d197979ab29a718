from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from turnserver.protocol.limits import Limits
from turnserver.settings import Durability, LogFormat, LogLevel, Settings, SettingsError, load


def config(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_has_to_be_configured() -> None:
    settings, rows = load(environment={})

    assert settings == Settings()
    assert (settings.host, settings.port, settings.durability) == ("127.0.0.1", 8192, Durability.PROCESS)
    assert settings.database == "sqlite:///turnserver.db"
    assert {row.source for row in rows} == {"default"}


def test_every_limit_is_a_setting() -> None:
    _, rows = load(environment={})

    assert {row.name for row in rows} >= {limit.name for limit in fields(Limits) if limit.init}


def test_every_setting_has_a_reason() -> None:
    _, rows = load(environment={})

    assert [row.name for row in rows if not row.reason] == []


def test_a_file_is_overruled_by_the_environment_and_that_by_the_command_line(tmp_path: Path) -> None:
    path = config(tmp_path, 'port = 1\nhost = "file"\nname_bytes_max = 10\nplay_silence_s = 5\n')
    settings, rows = load(
        config=path,
        environment={"TURNSERVER_PORT": "2", "TURNSERVER_HOST": "environment", "OTHER": "x"},
        options={"port": 3, "host": None, "durability": "none"},
    )

    assert (settings.port, settings.host, settings.name_bytes_max) == (3, "environment", 10)
    assert (settings.play_silence_s, settings.durability) == (5, Durability.NONE)
    sources = {row.name: row.source for row in rows}
    assert sources["port"] == sources["durability"] == "command line"
    assert (sources["host"], sources["name_bytes_max"], sources["database"]) == ("environment", str(path), "default")


@pytest.mark.parametrize(
    ("environment", "value"),
    [
        ({"TURNSERVER_PLAY_SILENCE_S": "0.5"}, 0.5),
        ({"TURNSERVER_PLAY_SILENCE_S": "5"}, 5),
        ({"TURNSERVER_PLAY_SILENCE_S": "1e3"}, 1000),
    ],
)
def test_the_environment_gives_text_that_is_read_as_the_settings_type(
    environment: dict[str, str], value: float
) -> None:
    assert load(environment=environment)[0].play_silence_s == value


def test_port_0_takes_a_free_one() -> None:
    assert load(environment={"TURNSERVER_PORT": "0"})[0].port == 0


def test_a_drain_may_take_no_time() -> None:
    assert load(environment={"TURNSERVER_DRAIN_S": "0"})[0].drain_s == 0


def test_logs_are_text_or_json_from_a_level_on() -> None:
    settings = load(environment={"TURNSERVER_LOG_FORMAT": "json", "TURNSERVER_LOG_LEVEL": "debug"})[0]

    assert (settings.log_format, settings.log_level) == (LogFormat.JSON, LogLevel.DEBUG)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"TURNSERVER_PROT": "9000"}, "environment: there is no setting 'prot'"),
        ({"TURNSERVER_PORT": "http"}, "environment: port = 'http'"),
        ({"TURNSERVER_PORT": "1.5"}, "environment: port = '1.5'"),
        ({"TURNSERVER_PORT": "-1"}, "must be"),
        ({"TURNSERVER_DURABILITY": "forever"}, "environment: durability = 'forever'"),
        ({"TURNSERVER_LOG_LEVEL": "loud"}, "environment: log_level = 'loud'"),
        ({"TURNSERVER_DRAIN_S": "-1"}, "must be"),
        ({"TURNSERVER_PLAY_SILENCE_S": "0"}, "must be more than 0"),
        ({"TURNSERVER_PLAY_SILENCE_S": "-3"}, "must be more than 0"),
        ({"TURNSERVER_PLAY_SILENCE_S": "nan"}, "play_silence_s"),
        ({"TURNSERVER_PLAY_SILENCE_S": "inf"}, "play_silence_s"),
        ({"TURNSERVER_MATCH_TTL_MS": "5"}, "there is no setting 'match_ttl_ms'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_source(environment: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(environment=environment)

    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = 'nine'", "port = 'nine'"),
        ("port = true", "port = True"),
        ("prot = 9000", "there is no setting 'prot'"),
        ("[server]\nport = 9000", "there is no setting 'server'"),
        ("port = ", "settings.toml"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = config(tmp_path, text)

    with pytest.raises(SettingsError) as error:
        load(config=path, environment={})
    assert str(error.value).startswith(str(path))
    assert words in str(error.value)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    missing, binary = tmp_path / "missing.toml", tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")

    for path in (missing, binary, tmp_path):
        with pytest.raises(SettingsError, match=str(path)):
            load(config=path, environment={})


@pytest.mark.parametrize("value", [0.001, 10**12])
def test_numbers_have_bounds(value: Any) -> None:
    assert load(environment={}, options={"keep_alive_s": value})[0].keep_alive_s == value


def test_a_mail_server_needs_an_address_that_mails_come_from() -> None:
    with pytest.raises(SettingsError, match="needs mail_from"):
        load(environment={"TURNSERVER_MAIL_HOST": "smtp.example.org"})

    settings, _ = load(environment={}, options={"mail_host": "smtp.example.org", "mail_from": "games@example.org"})
    assert settings.mail_port == 587
