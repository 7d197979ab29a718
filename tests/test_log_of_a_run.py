"""The log of a whole run: one event a line, all that an operator must hear, and no secret."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.raw_http import PATIENCE_S, RawConnection, post, request
from tests.server_process import ServerProcess
from tests.test_server import refuse_writes, refused

FORGER = 'ann\u2028{"event":"operator act"}\x1b[2J'


class Run:
    """Somebody who does everything at a server, and remembers every secret that it shows."""

    def __init__(self, connection: RawConnection) -> None:
        self._connection = connection
        self.secrets: set[str] = set()

    def say(self, line: str, path: str = "/") -> str:
        """The body of a reply."""
        answer = self._connection.ask(post(line.encode(), path.encode()))
        return answer.body.decode().split("/", 2)[2]

    def secret(self, line: str, path: str = "/") -> str:
        """A key or token, which the log must not hold."""
        found = self.say(line, path).partition("|")[0]
        self.secrets.add(found)
        return found

    def plays(self) -> None:
        """Two meet and play, one quits; secrets are also sent to where they do not belong."""
        keys = [self.secret(f"0,{name},*,*,*") for name in (FORGER, "bob")]
        for symbol in "22334":
            for key in keys:
                self.say(f"{symbol},*,{key},*,*")
        seats = [self.say(f"4,*,{key},*,*").split("|") for key in keys]
        self.secrets.update(key for key, _ in seats)
        for key, seat in seats:
            self.say(f"6,hello,{key},{seat},0")
            self.say(f"6,{key},{keys[0]},{seat},0")
        self.say(f"5,*,{seats[0][0]},{seats[0][1]},0")
        self.say(f"{keys[0]},{keys[1]},{seats[0][0]}")
        self._connection.ask(request(b"GET", f"/{quote(keys[0])}".encode()))

    def has_a_room(self) -> None:
        """A guest opens a room and leaves it; its key is not asked for, so it is in the reply alone."""
        token = self.secret("62,*,*,*,*")
        _, key, *_ = self.say(f'20,{{"engine":"e","seed":"1","players":[1,2]}},{token},*,*').split("|")
        self.secrets.add(key)
        self.say(f"28,*,{key},0,*")
        self.say(f"40,{FORGER},{token},lobby,*")
        headers = (f"authorization: Bearer {token}".encode(),)
        self._connection.ask(request(b"GET", b"/metrics", *headers))
        self._connection.ask(request(b"GET", f"/archive/none?token={token}".encode()))


def events(text: str) -> list[Mapping[str, Any]]:
    """The lines of a log, each of which must be one JSON object."""
    return [json.loads(line) for line in text.splitlines()]


def configured(folder: Path, **settings: object) -> tuple[str, str]:
    """Options that name a file with such settings."""
    (folder / "settings.toml").write_text("".join(f"{name} = {json.dumps(of)}\n" for name, of in settings.items()))
    return "--config", "settings.toml"


def test_a_run_is_told_from_its_beginning_to_its_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with ServerProcess(tmp_path) as server:
        address = server.address
        server.stop()
    starting, ready, draining, stopped = events(capfd.readouterr().err)

    assert [line["event"] for line in (starting, ready, draining, stopped)] == [
        "starting",
        "ready",
        "draining",
        "stopped",
    ]
    assert (starting["durability"], ready["address"]) == ("process", address)


def test_a_disk_that_fails_is_told_once_and_so_is_that_it_works_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with ServerProcess(tmp_path) as server, RawConnection(server.port) as connection:
        with refuse_writes(server):
            for _ in range(20):
                connection.ask(post(b"0,ann,*,*,*"))
            connection.ask(request(b"GET", b"/readyz"))
        ends_s = time.monotonic() + PATIENCE_S  # the journal is tried again every second
        while connection.ask(request(b"GET", b"/readyz")).status != 200:
            assert time.monotonic() < ends_s
            time.sleep(0.05)
        server.stop()
    told = events(capfd.readouterr().err)

    about_the_store = [line for line in told if line["event"].startswith("store")]
    assert [line["event"] for line in about_the_store] == ["store down", "store up"]
    assert about_the_store[0]["reason"].startswith("cannot write the journal: ")


def test_the_log_holds_no_secret_whatever_is_logged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "turnserver", "key", "add", "ops"]
    added = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    server_key = next(word for word in added.split() if word.startswith("sk_"))
    options = configured(tmp_path, log_level="debug")
    with ServerProcess(tmp_path, *options) as server, RawConnection(server.port) as connection:
        run = Run(connection)
        run.plays()
        run.has_a_room()
        run.say(f"52,debug;{{}},{server_key},*,*")
        with refuse_writes(server):
            run.say("0,cid,*,*,*")
        server.stop()
    text = capfd.readouterr().err
    told = [line["event"] for line in events(text)]

    assert {"match ended", "room ended", "reply refused"} <= set(told)
    assert len(run.secrets) >= 6
    assert [secret for secret in (*run.secrets, server_key) if secret in text] == []


def test_text_of_users_makes_no_events(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = configured(tmp_path, log_level="debug", log_format="text", durability="none")
    with ServerProcess(tmp_path, *options) as server, RawConnection(server.port) as connection:
        Run(connection).plays()
        server.stop()
    lines = capfd.readouterr().err.splitlines()

    (ended,) = [line for line in lines if "match ended" in line]
    assert "operator act" in ended
    assert ended.isprintable()
    assert all(line[:2] == "20" for line in lines)


def test_a_start_that_is_refused_is_an_event_where_all_is_json(tmp_path: Path) -> None:
    options = configured(tmp_path, log_format="json", database="sqlite:///missing/turnserver.db", port=0)
    ended = refused(tmp_path, *options)
    (told,) = events(ended.stderr)

    assert ended.returncode == 1
    assert (told["event"], told["level"]) == ("not started", "error")
    assert told["reason"].startswith("cannot open missing/turnserver.db.lock: ")
