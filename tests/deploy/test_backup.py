"""The commands of docs/deploy.md for backup and restore, run on real servers; only folders and ports are the test's."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.kill.room_player import say
from tests.markdown import blocks
from tests.moving.two_players import met
from tests.postgres import USER, Postgres
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess
from turnserver.records import schema

DOCUMENT = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text("utf-8")
SECTION = DOCUMENT.partition("\n## Backup\n")[2].partition("\n## ")[0]
SQLITE_BACKUP, SQLITE_RESTORE, REDIS_BACKUP, REDIS_RESTORE, POSTGRESQL_BACKUP, POSTGRESQL_RESTORE = (
    block.text for block in blocks(SECTION)
)


def run(commands: str, replacements: Mapping[str, str], **environment: str) -> None:
    """Run a block of commands in other places."""
    for documented, real in replacements.items():
        assert documented in commands, f"{documented} is not in {commands}"
        commands = commands.replace(documented, real)
    words = ["bash", "-euc", commands]
    done = subprocess.run(
        words, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, str]:
    """Where the server and its backup are."""
    for name in ("lib", "backups"):
        (tmp_path / name).mkdir()
    return {"/var/lib/turnserver": str(tmp_path / "lib"), "/var/backups": str(tmp_path / "backups")}


def test_sqlite_is_backed_up_while_games_go_on(tmp_path: Path, folders: dict[str, str]) -> None:
    lib = tmp_path / "lib"
    (lib / "turnserver.keys").touch()
    with ServerProcess(lib) as server:
        ann, bob = met(server.port)
        say(server.port, "60,carl;correct horse,*,*,*")
        ann.tell(server.port, "before")
        run(SQLITE_BACKUP, folders)
        ann.repeat(server.port, "after")
        say(server.port, "60,dora;correct horse,*,*,*")
        server.kill()

    run(SQLITE_RESTORE, folders)

    with ServerProcess(lib) as server:
        bob.tell(server.port)
        assert bob.heard == ["before"]
        assert ann.tell(server.port, "again") == "0/10/*"
        assert say(server.port, "61,carl;correct horse,*,*,*").startswith("0/61/")
        assert not say(server.port, "61,dora;correct horse,*,*,*").startswith("0/61/")


def test_redis_is_backed_up_while_games_go_on(tmp_path: Path, folders: dict[str, str]) -> None:
    backups = {"/var/backups": folders["/var/backups"]}
    with RedisServer("--appendonly", "yes") as redis:
        place = {"redis-cli": f"redis-cli -p {redis.port}"}
        with ServerProcess(tmp_path, "--live", redis.url) as server:
            ann, bob = met(server.port)
            ann.tell(server.port, "before")
            run(REDIS_BACKUP, {**backups, **place})
            ann.repeat(server.port, "after")
            server.stop()
        redis.kill()
        there = f"redis-server --port {redis.port} --bind 127.0.0.1"
        moved = {**backups, **place, "redis-server": there, "/var/lib/redis": str(redis.folder)}

        run(REDIS_RESTORE, moved)
        try:
            with ServerProcess(tmp_path, "--live", redis.url) as server:
                bob.tell(server.port)
                assert bob.heard == ["before"]
                assert ann.tell(server.port, "again") == "0/10/*"
            with redis.client() as client:
                assert client.config_get("appendonly") == {"appendonly": "yes"}
        finally:
            with redis.client() as client:
                client.shutdown(nosave=True)


def test_postgresql_is_backed_up_while_games_go_on(
    tmp_path: Path, folders: dict[str, str], postgresql: Postgres
) -> None:
    database, restored = postgresql.database(), "restored_from_backup"
    name = database.rpartition("/")[2]
    client = {"PGHOST": "127.0.0.1", "PGPORT": str(postgresql.port), "PGUSER": USER}
    backups = {"/var/backups": folders["/var/backups"]}
    with RedisServer() as redis:
        options = ("--live", redis.url, "--database")
        schema.migrate(database)
        with ServerProcess(tmp_path, *options, database) as server:
            say(server.port, "60,carl;correct horse,*,*,*")
            run(POSTGRESQL_BACKUP, {**backups, "turnserver\n": f"{name}\n"}, **client)
            server.stop()

        run(
            POSTGRESQL_RESTORE,
            {**backups, "createdb turnserver": f"createdb {restored}", "=turnserver ": f"={restored} "},
            **client,
        )

        with ServerProcess(tmp_path, *options, database.replace(name, restored)) as server:
            assert say(server.port, "61,carl;correct horse,*,*,*").startswith("0/61/")
