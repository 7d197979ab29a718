from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from turnserver.cli import main
from turnserver.records.schema import HEAD


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["migrate", *words])


def test_tables_are_made_where_none_are_and_again_is_harmless() -> None:
    assert f"went from none to {HEAD}" in run().output
    assert f"at version {HEAD} already" in run().output
    assert Path("turnserver.records.db").exists()


def test_the_database_is_the_one_of_the_settings(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text('database = "sqlite:///other.db"\n')

    assert "sqlite:///other.records.db" in run("--config", str(config)).output
    assert "sqlite:///third.records.db" in run("--config", str(config), "--database", "sqlite:///third.db").output


def test_a_database_that_cannot_be_used_is_named() -> None:
    result = run("--database", "postgresql+asyncpg://ann:hidden@127.0.0.1:1/x")

    assert result.exit_code == 1
    assert "cannot use the records in postgresql" in result.output
    assert "hidden" not in result.output
