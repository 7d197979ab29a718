"""What is kept of a whole run, byte for byte: no password, token or key that anybody has sent or was given."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.console.scene import PASSWORD, Browserless, add_operator
from tests.edge import test_json_story
from tests.json_client import Answered, JsonClient
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess
from turnserver.service.secrets import digest, key_digest
from turnserver.store.server_keys import ServerKeys

SECRETS = frozenset(("key", "token", "keep", "password", "old_password", "reset_token"))
"""Fields that hold a secret, wherever they stand in what is sent and answered."""

LETTERS_LEAST = 8
"""Shorter ones may stand in the dump by chance; a password has as many."""


class Confidant(JsonClient):
    """Remembers every secret that goes to a server or comes from it, by the field's name."""

    def __init__(self, port: int) -> None:
        self.told: set[tuple[str, str]] = set()
        super().__init__(port)

    def _sent(self, verb: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[str, Answered]:
        content_type, answered = super()._sent(verb, path, body, headers)
        if body[:1] in (b"{", b"["):
            self._remember(json.loads(body))
        if path != "/openapi.json":
            self._remember(answered.body)
        return content_type, answered

    def _remember(self, found: Any) -> None:
        for name, one in found.items() if isinstance(found, dict) else enumerate(found):
            if name in SECRETS and isinstance(one, str) and len(one) >= LETTERS_LEAST:
                self.told.add((name, one))
            elif isinstance(one, dict | list):
                self._remember(one)


def everything(folder: Path, port: int) -> set[tuple[str, str]]:
    """Do all that can be done, as a player, a program and an operator; the secrets of all, by kind."""
    with Confidant(port) as client:
        test_json_story.test_that_is_all_that_can_be_done(client)
        name, password = f"carla-{uuid4().hex[:8]}", "never stored, nowhere"
        token = client.done("/register", username=name, password=password)["token"]
        kept = client.done("/auth", username=name, password=password)["token"]
        kick = {"to": name, "action": "kick", "data": {"why": "moved", "keep": kept}, "counter": 1}
        client.done("/inbox/send", kick, bearer=kept)
        assert client.post("/initiate", bearer=token).status == 401
        reset = printed(folder, "account", "reset", name)
        assert client.done("/reset-password", reset_token=reset, password="as new, and as secret")["done"]
        unused = printed(folder, "account", "reset", name)
        client.done("/play/register", name="waits", title="dump")
        operator = Browserless(port)
        assert operator.log_in().status == 303
        assert operator.get("/console/live").status == 200
        others = {("password", PASSWORD), ("cookie", operator.cookie.partition("=")[2]), ("reset_token", unused)}
        return client.told | others | {("token", test_json_story.SERVER_KEY)}


def printed(folder: Path, *command: str) -> str:
    """What a command prints in the server's folder."""
    words = [sys.executable, "-m", "turnserver", *command]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def server_with_all(folder: Path, *options: str) -> Iterator[ServerProcess]:
    """A server with an operator and a server key."""
    add_operator(folder)
    ServerKeys(folder / "turnserver.keys").add(digest(test_json_story.SERVER_KEY), "world")
    with ServerProcess(folder, *options) as server:
        yield server
        server.stop()


def dump(folder: Path) -> bytes:
    """Every byte of every file."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def in_the_clear(told: set[tuple[str, str]], kept: bytes) -> list[tuple[str, str]]:
    """The secrets that stand in what is kept; those that must be known again are known by their digests."""
    kinds = {name for name, _ in told}
    assert kinds == {*SECRETS, "cookie"}
    digests = {made(secret).encode() for _, secret in told for made in (digest, key_digest)}
    assert sum(one in kept for one in digests) >= 10
    return sorted((name, secret) for name, secret in told if secret.encode() in kept)


def test_the_journal_the_records_and_the_file_of_keys_hold_no_secret(tmp_path: Path) -> None:
    with server_with_all(tmp_path) as server:
        told = everything(tmp_path, server.port)

    assert {path.suffix for path in tmp_path.iterdir()} >= {".db", ".keys"}
    assert in_the_clear(told, dump(tmp_path)) == []


def test_redis_is_told_no_secret(tmp_path: Path) -> None:
    with RedisServer("--appendonly", "yes") as redis:
        with server_with_all(tmp_path, "--live", redis.url) as server:
            told = everything(tmp_path, server.port)
        commands = dump(redis.folder / "appendonlydir")

    assert b"turn:{match:" in commands
    assert in_the_clear(told, commands + dump(tmp_path)) == []
