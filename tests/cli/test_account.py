import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.account_server import AccountServer
from turnserver.cli import main
from turnserver.records.opened import Records
from turnserver.service.context import new_token


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AccountServer:
    monkeypatch.chdir(tmp_path)
    return AccountServer(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["account", *words])


def test_an_operator_hands_out_a_token_that_sets_a_new_password(server: AccountServer, tmp_path: Path) -> None:
    server.create("ann")
    server.now_ms = 0

    result = run("reset", "Ann")
    token = result.stdout.strip()

    assert len(token) == len(new_token())
    assert "works once, within 60 minutes" in result.stderr
    assert token.encode() not in (tmp_path / "turnserver.records.db").read_bytes()
    assert server.say(f"67,{token};battery staple,*,*,*") == "0/67/*"
    assert server.try_to_log_in(password="battery staple").startswith("0/61/")


def test_an_account_that_is_not_there_is_said_to_be_so(server: AccountServer) -> None:
    server.create("ann")

    result = run("reset", "bob")

    assert result.exit_code == 1
    assert "there is no account 'bob'" in result.output


def test_what_is_handed_out_is_written_down(server: AccountServer, tmp_path: Path) -> None:
    server.create("ann")
    run("reset", "ann")

    async def audited() -> bytes:
        records = Records(f"sqlite:///{tmp_path}/turnserver.records.db")
        await records.operators.names()
        await records.close()
        return (tmp_path / "turnserver.records.db").read_bytes()

    kept = asyncio.run(audited())

    assert b"reset_token_made" in kept
    assert b"command line" in kept
