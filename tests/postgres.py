"""A real PostgreSQL for tests: a cluster of its own in a temporary folder, run by an unprivileged user."""

import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.free_port import free_port

USER = "turnserver"
_DEBIAN = Path("/usr/lib/postgresql")
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40")
_START_S_MAX = 60


class Postgres:
    """A running server; `database` gives the URL of an empty database of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test_{uuid.uuid4().hex[:16]}"
        self.sql(f"CREATE DATABASE {name}", "postgres")
        return f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str, name: str) -> str:
        """What `psql` prints for a statement."""
        words = [_program("psql"), "-h", "127.0.0.1", "-p", f"{self.port}", "-U", USER, "-d", name, "-Atqc", statement]
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=_START_S_MAX).stdout

    def dump(self, url: str) -> str:
        """The whole database as SQL."""
        words = [_program("pg_dump"), "-h", "127.0.0.1", "-p", f"{self.port}", "-U", USER, url.rpartition("/")[2]]
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=_START_S_MAX).stdout


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server from here to the end of the block, in a folder that goes with it.

    The folder is not pytest's: those are for their owner alone, and each run of pytest sees to it again.
    """
    with TemporaryDirectory(prefix="turnserver-postgres-") as name:
        folder, port = Path(name), free_port()
        data = folder / "data"
        data.mkdir(mode=0o700)
        _give_away(data)
        _run("initdb", "-D", f"{data}", "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        options = " ".join(f"-c {one}" for one in (*_QUICK, "listen_addresses=127.0.0.1", "unix_socket_directories=''"))
        _run("pg_ctl", "-D", f"{data}", "-w", "-o", f"-p {port} {options}", "-l", f"{data}/log", "start")
        try:
            yield Postgres(port)
        finally:
            _run("pg_ctl", "-D", f"{data}", "-m", "immediate", "-w", "stop")


def _run(program: str, *words: str) -> None:
    command = [*_as_nobody(), _program(program), *words]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=_START_S_MAX, cwd="/")


def _program(name: str) -> str:
    """Debian keeps the server's programs out of the PATH, one folder for each version."""
    found = [*map(str, sorted(_DEBIAN.glob(f"*/bin/{name}"))), shutil.which(name)]
    assert found[0] is not None, f"{name} is not installed; Debian's package is postgresql"
    return found[0]


def _as_nobody() -> Sequence[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ()
    nobody = pwd.getpwnam("nobody")
    return ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")


def _give_away(data: Path) -> None:
    """Let nobody own its data, and reach it."""
    if os.geteuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    for above in data.parents:
        if above.stat().st_mode & 0o001 == 0:
            above.chmod(above.stat().st_mode | 0o001)
