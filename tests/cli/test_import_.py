from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.kill.room_player import say
from tests.server_process import ServerProcess
from turnserver.cli import main


@pytest.fixture(autouse=True)
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The pairing key of a player who is in `world.jsonl`."""
    monkeypatch.chdir(tmp_path)
    with ServerProcess(tmp_path) as server:
        key = say(server.port, "0,ann,*,*,*").removeprefix("0/0/")
        server.stop()
    assert CliRunner().invoke(main, ["export", "world.jsonl"]).exit_code == 0
    return key


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["import", *words])


def test_what_was_exported_goes_on_where_it_is_imported(tmp_path: Path, exported: str) -> None:
    database = "sqlite:///new.db"

    result = run("world.jsonl", "--database", database)

    assert result.output == "imported 1 partitions, 0 records and 0 server keys from world.jsonl\n"
    with ServerProcess(tmp_path, "--database", database) as server:
        assert say(server.port, f"2,*,{exported},*,*") == "0/2/*"


def test_what_is_not_empty_stays_as_it_is(tmp_path: Path, exported: str) -> None:
    result = run("world.jsonl")

    assert result.exit_code == 1
    assert "turnserver.db is not empty; move it away" in result.output
    with ServerProcess(tmp_path) as server:
        assert say(server.port, f"2,*,{exported},*,*") == "0/2/*"


def test_a_file_that_was_cut_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    whole = Path("world.jsonl").read_bytes()
    Path("cut.jsonl").write_bytes(whole[:-100])

    result = run("cut.jsonl", "--database", "sqlite:///new.db")

    assert result.exit_code == 1
    assert "cut.jsonl is cut off" in result.output
    assert not list(tmp_path.glob("new*"))


def test_a_file_that_is_not_there_is_named() -> None:
    assert "'nothing.jsonl' does not exist" in run("nothing.jsonl").output


def test_a_place_that_cannot_be_used_is_named() -> None:
    assert "127.0.0.1:1 cannot be used" in run("world.jsonl", "--live", "redis://127.0.0.1:1").output
    result = run("world.jsonl", "--database", "postgresql+asyncpg://ann:hidden@127.0.0.1:1/x")
    assert "cannot use the records in postgresql" in result.output
    assert "hidden" not in result.output
