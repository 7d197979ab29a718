from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from turnserver.cli import main
from turnserver.service.secrets import digest
from turnserver.store.server_keys import ServerKeys


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["key", *words])


def test_a_key_is_printed_once_and_only_its_digest_is_kept() -> None:
    added = run("add", "world")
    secret = added.output.strip()

    assert added.exit_code == 0
    assert secret.startswith("sk_")
    assert secret not in Path("turnserver.keys").read_text()
    assert ServerKeys(Path("turnserver.keys")).holder(digest(secret)) == "world"


def test_keys_are_listed_by_name_and_removed_by_name() -> None:
    run("add", "world")
    run("add", "weather")

    assert run("list").output == "world\nweather\n"
    assert run("remove", "world").exit_code == 0
    assert run("list").output == "weather\n"


def test_what_cannot_be_done_is_said() -> None:
    run("add", "world")

    assert "already" in run("add", "world").output
    assert "no name" in run("add", "a;b").output
    assert "no key 'other'" in run("remove", "other").output


def test_the_file_is_the_one_of_the_settings(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text('server_keys = "other.keys"\n')

    run("add", "world", "--config", str(config))

    assert list(ServerKeys(tmp_path / "other.keys").names().values()) == ["world"]


def test_a_file_that_cannot_be_used_is_named() -> None:
    Path("turnserver.keys").mkdir()

    for words in (["add", "world"], ["list"], ["remove", "world"]):
        result = run(*words)
        assert result.exit_code == 1
        assert "cannot read turnserver.keys" in result.output
