"""A real nginx for a test, with the very configuration that the documents give: only ports and paths are the test's."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.free_port import free_port

EXAMPLE = Path(__file__).parents[2] / "examples" / "deploy" / "nginx.conf"
START_S_MAX = 20

_AROUND = """
daemon off;
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/turnserver.conf;
}}
"""


class Nginx:
    """nginx in front of nodes, from `with` to the end of the block; nothing of it is left afterwards.

    Args:
        ports: Where the nodes listen on the loopback.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nginx-"))
        self.port, self.plain_port = free_port(), free_port()
        self.certificate = certificate(self.folder)
        (self.folder / "turnserver.conf").write_text(self._configuration(ports))
        self._main = self.folder / "nginx.conf"
        self._main.write_text(_AROUND.format(folder=self.folder, user="user root;" if is_root() else ""))
        self.check()
        command = [program(), "-p", str(self.folder), "-c", str(self._main)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._until_there()

    def _configuration(self, ports: Sequence[int]) -> str:
        """The example, with these nodes and with ports and certificate of the test's own."""
        text = EXAMPLE.read_text("utf-8")
        text = re.sub(r"( +server 127\.0\.0\.1:)8192( .*;)\n.*\n", _nodes(ports), text)
        text = re.sub(r"listen \[::\].*\n", "", text)
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{self.port} ")
        text = text.replace("listen 80;", f"listen 127.0.0.1:{self.plain_port};")
        return text.replace("/etc/ssl/play.example.org", str(self.folder / "play.example.org"))

    def check(self) -> None:
        """Fail if nginx finds anything wrong with its configuration."""
        command = [program(), "-t", "-q", "-p", str(self.folder), "-c", str(self._main)]
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=START_S_MAX)
        assert (told.returncode, told.stderr) == (0, "")

    def _until_there(self) -> None:
        deadline_s = time.monotonic() + START_S_MAX
        while True:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, "nginx has ended"
            assert time.monotonic() < deadline_s, "nginx does not answer"
            time.sleep(0.01)

    @property
    def url(self) -> str:
        """Where players find it."""
        return f"https://localhost:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.terminate()
        self.process.wait(START_S_MAX)
        shutil.rmtree(self.folder, ignore_errors=True)


def _nodes(ports: Sequence[int]) -> str:
    return "".join(rf"\g<1>{port}\g<2>" + "\n" for port in ports)


def is_root() -> bool:
    """True for root, whose nginx gives up its rights: it could not reach the test's folder."""
    return os.geteuid() == 0


def program() -> str:
    """Where nginx is: Debian keeps it where only root looks."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    assert found, "nginx is missing: apt-get install nginx"
    return found


def certificate(folder: Path) -> Path:
    """A certificate for localhost that vouches for itself, and its key beside it."""
    made, key = folder / "play.example.org.crt", folder / "play.example.org.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run([*command, *names, *files], capture_output=True, check=True, timeout=START_S_MAX)
    return made
