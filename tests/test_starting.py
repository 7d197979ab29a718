"""What the server says and lets go of when it cannot start."""

import socket
from pathlib import Path

import pytest

from turnserver.server import CannotStart, run
from turnserver.settings import Durability, Settings


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"cannot listen on 127.0.0.1:{port}: .*choose another with --port"):
            run(Settings(port=port), on_ready=print)


def test_a_host_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotStart, match=r"cannot listen on host\.invalid:0"):
        run(Settings(host="host.invalid", port=0), on_ready=print)


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'missing' / 'state.db'}"

    with pytest.raises(CannotStart):
        run(Settings(port=0, durability=Durability.PROCESS, database=database), on_ready=print)


def test_records_that_cannot_be_used_are_named_and_the_journal_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        with pytest.raises(CannotStart, match="cannot use the records in postgresql"):
            run(Settings(port=0, database="postgresql+asyncpg://127.0.0.1:1/games"), on_ready=print)
