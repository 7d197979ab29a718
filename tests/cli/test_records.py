import getpass
import sys
from io import StringIO
from pathlib import Path

import click
import pytest

from turnserver.cli.records import asked_password, command_line, settings_of, with_records
from turnserver.domain.audit import COMMAND_LINE
from turnserver.records.opened import Records
from turnserver.settings import Durability, Settings


async def names(records: Records) -> list[str]:
    return await records.operators.names()


def test_a_command_uses_the_records_of_the_settings(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(f'database = "sqlite:///{tmp_path}/x.db"\n')

    assert with_records(settings_of(config, None), names) == []
    assert [path.name for path in tmp_path.glob("*.db")] == ["x.records.db"]


def test_records_that_only_a_server_has_cannot_be_used_from_beside_it() -> None:
    with pytest.raises(click.ClickException, match="durability none"):
        with_records(Settings(durability=Durability.NONE), names)


def test_a_failure_of_the_database_ends_the_program_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="cannot use the records"):
        with_records(Settings(database=f"sqlite:///{tmp_path}/missing/x.db"), names)


def test_whoever_runs_commands_is_written_down_as_such() -> None:
    assert command_line().name == COMMAND_LINE
    assert command_line().at_ms > 1_700_000_000_000


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_types_a_password_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["one", "one", "one", "two"])
    monkeypatch.setattr(sys, "stdin", _Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(typed))

    assert asked_password() == "one"
    with pytest.raises(click.ClickException, match="not the same"):
        asked_password()


def test_a_program_gives_it_as_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("correct horse \r\nnot this"))

    assert asked_password() == "correct horse "
