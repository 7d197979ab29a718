import sqlite3
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tests.account_server import PASSWORD, AccountServer
from tests.json_client import JsonClient
from tests.server_process import ServerProcess
from turnserver.cli import main
from turnserver.service.context import new_token


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AccountServer:
    monkeypatch.chdir(tmp_path)
    return AccountServer(tmp_path)


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["account", *words], input=typed)


def audit(folder: Path) -> list[tuple[str, str, str]]:
    """Who did what to whom."""
    with closing(sqlite3.connect(folder / "turnserver.records.db")) as database:
        return database.execute("SELECT actor, act, subject FROM audit ORDER BY id").fetchall()


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


@pytest.mark.parametrize("words", [("reset", "bob"), ("delete", "bob"), ("delete", "bob", "--yes")])
def test_an_account_that_is_not_there_is_said_to_be_so(server: AccountServer, words: tuple[str, ...]) -> None:
    server.create("ann")

    result = run(*words)

    assert result.exit_code == 1
    assert "there is no account 'bob'" in result.output


def test_what_is_handed_out_is_written_down(server: AccountServer, tmp_path: Path) -> None:
    server.create("ann")
    run("reset", "ann")

    assert audit(tmp_path)[-1] == ("command line", "reset_token_made", "ann")


def test_accounts_are_listed_with_their_times_and_nothing_that_is_secret(server: AccountServer) -> None:
    token = server.create("Ann")
    server.say(f"71,{PASSWORD};ann@example.org,{token},*,*")
    server.now_ms += 3_600_000
    server.create("bob")
    server.log_in("ann")

    assert run("list").output == (
        "1970-01-01T01:16:40Z  1970-01-01T01:16:40Z  bob\n1970-01-01T00:16:40Z  1970-01-01T01:16:40Z  Ann\n"
    )
    assert run("list", "--like", "AN").output == "1970-01-01T00:16:40Z  1970-01-01T01:16:40Z  Ann\n"
    assert run("list", "--like", "x").output == ""


def test_a_list_that_is_cut_short_says_so(server: AccountServer) -> None:
    for name in ("ann", "bob", "eve"):
        server.create(name)

    some, all_of_them = run("list", "--limit", "2"), run("list", "--limit", "3")

    assert [line.split()[-1] for line in some.stdout.splitlines()] == ["eve", "bob"]
    assert "there are more than 2" in some.stderr
    assert (len(all_of_them.stdout.splitlines()), all_of_them.stderr) == (3, "")


def test_an_account_is_deleted_as_its_owner_would_do_it(server: AccountServer, tmp_path: Path) -> None:
    server.create("Ann")

    result = run("delete", "ann", "--yes")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("account Ann is deleted;")
    assert server.try_to_log_in("ann") == "30/*/*"
    assert server.create("ANN")
    assert audit(tmp_path) == [
        ("account Ann", "account_created", "Ann"),
        ("command line", "account_deleted", "Ann"),
        ("account ANN", "account_created", "ANN"),
    ]


@pytest.mark.parametrize(
    ("typed", "status", "left"), [("y\n", 0, ""), ("n\n", 1, "ann"), ("\n", 1, "ann"), ("", 1, "ann")]
)
def test_whoever_deletes_is_asked_first(server: AccountServer, typed: str, status: int, left: str) -> None:
    server.create("ann")

    result = run("delete", "ANN", typed=typed)

    assert result.exit_code == status
    assert "Delete the account 'ann' for good? [y/N]" in result.stderr
    assert run("list").output.strip().endswith(left)
    assert bool(run("list").output) == bool(left)


def test_what_changes_while_somebody_thinks_is_not_deleted(
    server: AccountServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = server.create("ann")

    def answer(_question: str, **_options: object) -> None:
        assert server.say(f"64,{PASSWORD};battery staple,{token},*,*") == "0/64/*"

    monkeypatch.setattr(click, "confirm", answer)
    result = run("delete", "ann")

    assert result.exit_code == 1
    assert "the account 'ann' was changed or deleted meanwhile" in result.output
    assert server.try_to_log_in("ann", "battery staple").startswith("0/61/")


@pytest.mark.parametrize("runs", ["while it is deleted", "afterwards"])
def test_a_server_ends_the_sessions_of_an_account_that_a_command_deletes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ann = {"username": "ann", "password": PASSWORD}
    with ServerProcess(tmp_path) as server, JsonClient(server.port) as client:
        token = client.done("/register", ann)["token"]
        cursor = client.done("/initiate", bearer=token)["cursor"]
        if runs == "while it is deleted":
            assert run("delete", "ann", "--yes").exit_code == 0
            assert client.post("/inbox/poll", bearer=token, cursor=cursor, wait=20).status == 401
            assert client.post("/auth", ann).status == 401
            assert client.post("/register", ann).status == 200
        else:
            server.stop()
            assert run("delete", "ann", "--yes").exit_code == 0
            with ServerProcess(tmp_path) as later, JsonClient(later.port) as again:
                assert again.post("/inbox/poll", bearer=token, cursor=cursor, wait=20).status == 401
