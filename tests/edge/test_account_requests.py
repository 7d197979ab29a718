"""Accounts of a whole server: over HTTP, by every way in, through kills, on both databases."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.account_server import PASSWORD, token_of
from tests.mail_server import Mailbox, mail_server
from tests.postgres import Postgres
from tests.raw_http import RawConnection, post
from tests.server_process import ServerProcess
from tests.text_server import is_quiet
from turnserver.protocol.symbols import TOKEN_LETTERS

LONG_WAY = b"Expect: nothing"
"""A header that changes nothing but the way."""


def say(port: int, line: str, path: str = "/", **headers: str) -> str:
    """The reply to one POST on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", path, line.encode(), headers)
    reply = connection.getresponse().read().decode()
    connection.close()
    return reply


def turnserver(folder: Path, *words: str, typed: str = "") -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "turnserver", *words]
    return subprocess.run(command, cwd=folder, input=typed, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with ServerProcess(tmp_path_factory.mktemp("accounts")) as server:
        yield server.port


@pytest.mark.parametrize("headers", [(), (LONG_WAY,), (b"Prefer: wait=1",)], ids=["short", "long", "waiting"])
def test_accounts_are_the_same_by_every_way_in(port: int, title: str, headers: tuple[bytes, ...]) -> None:
    with RawConnection(port) as connection:

        def ask(line: str) -> tuple[int, str]:
            answer = connection.ask(post(line.encode(), b"/", *headers))
            return answer.status, answer.body.decode()

        status, reply = ask(f"60,{title};{PASSWORD},*,*,*")
        token = token_of(reply)

        assert status == 200
        assert ask(f"60,{title};{PASSWORD},*,*,*") == (409, "38/*/*")
        assert ask(f"61,{title};wrong horse,*,*,*") == (401, "30/*/*")
        assert ask(f"68,*,{token},*,*")[1].endswith(";127.0.0.1;1")
        assert ask(f"63,*,{token},*,*") == (200, "0/63/*")
        assert ask(f"50,*,{token},*,*") == (401, "30/*/*")


def test_requests_that_come_before_the_reply_to_the_one_before_are_answered_in_order(port: int, title: str) -> None:
    bodies = [f"60,{title};{PASSWORD},*,*,*", f"61,{title};{PASSWORD},*,*,*", "2,*,x,*,*", f"61,{title};no,*,*,*"]
    with RawConnection(port) as connection:
        connection.send(b"".join(post(body.encode()) for body in bodies))
        replies = [connection.answer().body.decode()[:4] for _ in bodies]

    assert replies == ["0/60", "0/61", "5/*/", "30/*"]


def test_the_lines_of_a_batch_wait_for_each_other(port: int, title: str) -> None:
    lines = [f"0,{title},*,*,*", f"60,{title};{PASSWORD},*,*,*", f"61,{title};{PASSWORD},*,*,*", "62,*,*,*,*", "9,,,,"]

    replies = say(port, "\n".join(lines), "/batch").split("\n")

    assert [reply.rpartition("/")[0] for reply in replies] == ["0/0", "0/60", "0/61", "0/62", "4/0"]


def test_a_client_that_goes_away_leaves_nothing_half_done(port: int, title: str) -> None:
    with RawConnection(port) as connection:
        connection.send(post(f"60,{title};{PASSWORD},*,*,*".encode()))
    ends_s = time.monotonic() + 20
    while (reply := say(port, f"61,{title};{PASSWORD},*,*,*")) == "30/*/*":
        assert time.monotonic() < ends_s

    assert reply.startswith("0/61/")


def test_behind_a_proxy_of_this_machine_addresses_are_those_of_the_clients(port: int, title: str) -> None:
    token = token_of(say(port, f"60,{title};{PASSWORD},*,*,*", **{"X-Forwarded-For": "192.0.2.7"}))
    say(port, f"61,{title};{PASSWORD},*,*,*", **{"X-Forwarded-For": "192.0.2.8", "Expect": "nothing"})

    listed = say(port, f"68,*,{token},*,*").removeprefix("0/68/").split("|")

    assert [one.split(";")[2] for one in listed] == ["192.0.2.7", "192.0.2.8"]


def test_who_has_to_wait_is_told_so_in_a_header_too(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("guesses_max = 1\nguess_window_s = 60\n")
    with ServerProcess(tmp_path, "--config", "settings.toml") as server, RawConnection(server.port) as connection:
        guess = post(f"61,ann;{PASSWORD},*,*,*".encode())
        connection.ask(guess)
        answer = connection.ask(guess)

    assert answer.status == 429
    assert answer.body == f"43/*/{answer.headers['retry-after']}".encode()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_accounts_and_sessions_survive_a_killed_server(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    options: tuple[str, ...] = ()
    if kind == "postgresql":
        options = ("--database", request.getfixturevalue("postgresql_url"))
        turnserver(tmp_path, "migrate", *options)
    server = ServerProcess(tmp_path, *options)
    port = server.port
    try:
        first = token_of(say(port, f"60,ann;{PASSWORD},*,*,*"))
        second = token_of(say(port, f"61,ann;{PASSWORD},*,*,*"))
        too_long = "%EF%B7%BA" * 21  # 63 bytes, and 378 letters as it is compared
        refusal = "36/*/name: more than 200 letters as it is compared"
        assert say(port, f"60,{too_long};{PASSWORD},*,*,*") == refusal
        assert say(port, f"61,{too_long};{PASSWORD},*,*,*") == "30/*/*"
        say(port, f"63,*,{first},*,*")
        server.kill()
        server = ServerProcess(tmp_path, *options, port=port)

        assert say(port, f"50,*,{first},*,*") == "30/*/*"
        assert is_quiet(say(port, f"50,*,{second},*,*"))
        third = token_of(say(port, f"61,ann;{PASSWORD},*,*,*"))
        assert say(port, f"64,{PASSWORD};battery staple,{third},*,*") == "0/64/*"
        server.kill()
        server = ServerProcess(tmp_path, *options, port=port)

        assert say(port, f"61,ann;{PASSWORD},*,*,*") == "30/*/*"
        assert say(port, f"50,*,{second},*,*") == "30/*/*"
        assert is_quiet(say(port, f"50,*,{third},*,*"))
    finally:
        server.kill()


def test_what_was_being_ended_when_the_server_was_killed_is_ended_by_the_next(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        token = token_of(say(server.port, f"60,ann;{PASSWORD},*,*,*"))
    with closing(sqlite3.connect(tmp_path / "turnserver.records.db")) as connection:
        connection.execute("UPDATE sessions SET state = 'ending'")
        connection.commit()
    with ServerProcess(tmp_path) as server:
        ends_s = time.monotonic() + 20
        while say(server.port, f"50,*,{token},*,*") != "30/*/*":
            assert time.monotonic() < ends_s


def test_a_server_that_finds_no_tables_in_postgresql_says_what_to_do(tmp_path: Path, postgresql_url: str) -> None:
    command = [sys.executable, "-m", "turnserver", "serve", "--port", "0", "--database", postgresql_url]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 1
    assert "run turnserver migrate with the same settings" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_commands_work_while_the_server_runs(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        lost = token_of(say(server.port, f"60,ann;{PASSWORD},*,*,*"))
        turnserver(tmp_path, "operator", "add", "root", typed="correct horse\n")
        reset = turnserver(tmp_path, "account", "reset", "ann").strip()

        assert turnserver(tmp_path, "operator", "list") == "root\n"
        assert say(server.port, f"67,{reset};battery staple,*,*,*") == "0/67/*"
        assert say(server.port, f"50,*,{lost},*,*") == "30/*/*"
        assert say(server.port, f"61,ann;battery staple,{lost},*,*").startswith("0/61/")


def test_while_the_records_are_away_accounts_wait_and_games_go_on(tmp_path: Path) -> None:
    away = tmp_path / "turnserver.records.db"
    with ServerProcess(tmp_path) as server, RawConnection(server.port) as connection:
        away.mkdir()
        refused = connection.ask(post(f"60,ann;{PASSWORD},*,*,*".encode()))
        registered = connection.ask(post(b"0,ann,*,*,*"))
        away.rmdir()
        created = connection.ask(post(f"60,ann;{PASSWORD},*,*,*".encode()))

    assert (refused.status, refused.body, refused.headers["retry-after"]) == (503, b"44/*/*", "1")
    assert registered.body.startswith(b"0/0/")
    assert created.body.startswith(b"0/60/")


def lived(port: int, folder: Path, options: tuple[str, ...]) -> list[str]:
    """Use all that knows secrets; the secrets."""
    guest = say(port, "62,*,*,*,*").removeprefix("0/62/").split("|")[0]
    mine = token_of(say(port, f"60,annabella;{PASSWORD},{guest},*,*"))
    other = token_of(say(port, f"61,annabella;{PASSWORD},{mine},*,*"))
    say(port, f"61,annabella;wrong horse,{mine},*,*")
    say(port, f"64,{PASSWORD};battery staple,{mine},*,*")
    server_key = turnserver(folder, "key", "add", "world").strip()
    say(port, f"52,news;1,{server_key},*,1")
    room_key = say(port, f'20,{{"engine":"e","seed":"s","players":[1,2]}},{mine},*,7').split("|")[1]
    say(port, f"40,hi,{room_key},room,*")
    turnserver(folder, "operator", "add", "root", *options, typed="operator's secret\n")
    reset = turnserver(folder, "account", "reset", "annabella", *options).strip()
    words = [PASSWORD, "wrong horse", "battery staple", "operator's secret"]
    return [guest, mine, other, server_key, room_key, reset, *words]


def test_a_dump_of_the_files_holds_no_password_token_or_key(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        secrets = lived(server.port, tmp_path, ())
        server.stop()
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert b"annabella" in kept["turnserver.records.db"]
    assert b"annabella" in kept["turnserver.db"]
    assert [(name, secret) for name, bytes_ in kept.items() for secret in secrets if secret.encode() in bytes_] == []


def test_a_dump_of_postgresql_holds_no_password_token_or_key(tmp_path: Path, postgresql: Postgres) -> None:
    options = ("--database", postgresql.database())
    turnserver(tmp_path, "migrate", *options)
    with ServerProcess(tmp_path, *options) as server:
        secrets = lived(server.port, tmp_path, options)
        dumped = postgresql.dump(options[1])

    assert "annabella" in dumped
    assert "$argon2id$" in dumped
    assert [secret for secret in secrets if secret in dumped] == []


def test_who_has_lost_a_password_gets_a_mail_and_sets_a_new_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as mail_port:
        settings = (
            f'mail_host = "127.0.0.1"\nmail_port = {mail_port}\nmail_tls = "none"\nmail_from = "games@example.org"\n'
        )
        (tmp_path / "settings.toml").write_text(settings)
        with ServerProcess(tmp_path, "--config", "settings.toml") as server:
            mine = token_of(say(server.port, f"60,ann;{PASSWORD},*,*,*"))
            say(server.port, f"71,{PASSWORD};ann@example.org,{mine},*,*")
            assert say(server.port, "66,Ann,*,*,*") == say(server.port, "66,nobody,*,*,*") == "0/66/*"
            token = mailed(mailbox)
            assert say(server.port, f"67,{token};battery staple,*,*,*") == "0/67/*"
            assert say(server.port, f"50,*,{mine},*,*") == "30/*/*"
            token_of(say(server.port, "61,ann;battery staple,*,*,*"))
            server.stop()
    log = capfd.readouterr().err

    assert '"event": "reset sent", "account": "ann"' in log
    assert [secret for secret in (token, mine, "battery staple") if secret in log] == []


def mailed(mailbox: Mailbox) -> str:
    """The token of the only mail, once it has come."""
    deadline_s = time.monotonic() + 20
    while not mailbox.mails:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    (mail,) = mailbox.mails
    words: list[str] = mail.get_content().split()
    return next(word for word in words if len(word) == TOKEN_LETTERS)
