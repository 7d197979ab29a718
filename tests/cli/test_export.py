from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.kill.room_player import say
from tests.server_process import ServerProcess
from turnserver.cli import main


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["export", *words])


def test_a_server_that_has_stopped_is_exported(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        say(server.port, "0,ann,*,*,*")
        server.stop()

    result = run("world.jsonl")

    assert result.output == "exported 1 partitions, 0 records and 0 server keys to world.jsonl\n"
    assert Path("world.jsonl").read_text().count("\n") == 3


def test_a_server_that_runs_has_to_be_stopped_first(tmp_path: Path) -> None:
    with ServerProcess(tmp_path):
        result = run("world.jsonl")

    assert result.exit_code == 1
    assert "turnserver.db is in use by a running turnserver; stop that with turnserver drain" in result.output
    assert not list(tmp_path.glob("world*"))


def test_where_nothing_is_kept_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no turnserver.db; name the journal" in run("world.jsonl").output
    assert "127.0.0.1:1 cannot be used" in run("world.jsonl", "--live", "redis://127.0.0.1:1").output
    monkeypatch.setenv("TURNSERVER_DURABILITY", "none")
    assert "with durability none a server leaves nothing behind" in run("world.jsonl").output
    assert not list(tmp_path.glob("*"))


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        server.stop()

    result = run("missing/world.jsonl")

    assert result.exit_code == 1
    assert "missing/world.jsonl" in result.output
