"""The way to Redis may be encrypted: `rediss://`, with a certificate that is checked."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from tests.kill.room_player import say
from tests.redis_server import RedisServer, free_port
from tests.server_process import ServerProcess
from turnserver.cli import main

NAME = "redis.test"


class Encrypted(NamedTuple):
    """A Redis that speaks TLS, and the certificate that vouches for it."""

    redis: RedisServer
    port: int
    certificate: Path

    @property
    def url(self) -> str:
        """Where it is, and whom to trust."""
        return f"rediss://127.0.0.1:{self.port}/0?ssl_ca_certs={self.certificate}"


def certified(folder: Path) -> tuple[Path, Path]:
    """A new key, and a certificate that says it is at 127.0.0.1; it vouches for itself."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-subj", f"/CN={NAME}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*words, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True, timeout=60)
    return key, certificate


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    """A Redis with TLS, for the tests of this file."""
    key, certificate = certified(tmp_path_factory.mktemp("tls"))
    port = free_port()
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate))
    with RedisServer("--tls-port", str(port), "--tls-auth-clients", "no", *files) as redis:
        yield Encrypted(redis, port, certificate)


def test_nodes_share_what_they_know_over_tls(tmp_path: Path, encrypted: Encrypted) -> None:
    options = ("--live", encrypted.url)
    with ServerProcess(tmp_path, *options) as one, ServerProcess(tmp_path, *options) as other:
        ann, bob = (say(one.port, f"0,{name},*,*,*").removeprefix("0/0/") for name in ("ann", "bob"))

        assert say(one.port, f"2,*,{ann},*,*") == "0/2/*"
        assert say(other.port, f"2,*,{bob},*,*") == "0/3/ann"
        assert say(one.port, f"2,*,{ann},*,*") == "0/4/bob"


def refused(*options: str) -> str:
    """What a server says that does not start."""
    result = CliRunner().invoke(main, ["serve", "--port", "0", *options])
    assert result.exit_code == 1
    return result.output


def test_a_certificate_that_nobody_vouches_for_is_refused_at_the_start(
    tmp_path: Path, encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    said = refused("--live", encrypted.url.partition("?")[0])

    assert f"127.0.0.1:{encrypted.port} cannot be used" in said
    assert "certificate verify failed" in said


def test_a_certificate_for_another_place_is_refused_at_the_start(
    tmp_path: Path, encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    said = refused("--live", encrypted.url.replace("127.0.0.1", "localhost"))

    assert "certificate verify failed" in said


@pytest.mark.parametrize(("name", "why"), [("missing.pem", "No such file"), ("empty.pem", "no certificate")])
def test_a_file_without_certificates_is_told_at_the_start(
    tmp_path: Path, encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.pem").touch()

    said = refused("--live", f"{encrypted.url.partition('?')[0]}?ssl_ca_certs={name}")

    assert f"ssl_ca_certs={name} cannot be used" in said
    assert why in said


def test_a_redis_without_tls_is_told_at_the_start(
    tmp_path: Path, encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    said = refused("--live", encrypted.redis.url.replace("redis:", "rediss:"))

    assert f"127.0.0.1:{encrypted.redis.port} cannot be used" in said
