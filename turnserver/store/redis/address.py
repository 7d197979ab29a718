"""Where live state is: the URL that `--live` takes.

    redis://HOST:PORT/DB, rediss:// with TLS, unix:///PATH     one server, or a name that always leads to the primary
    redis+sentinel://HOST:PORT,HOST:PORT/NAME/DB               the primary that sentinels name
    redis+cluster://HOST:PORT,HOST:PORT                        a cluster, known from any of these nodes

All but `unix` take USER:PASSWORD@ before the host; `rediss+sentinel` and `rediss+cluster` use TLS.
"""

import ssl
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

DEFAULT_PORT = 6379
SENTINEL_PORT = 26379


class BadAddress(ValueError):
    """A URL that is none of the forms; the message says what to write."""


class Where(Struct, frozen=True):
    """One server."""

    host: str
    port: int
    path: str = ""
    """Of a Unix socket; empty where host and port count."""

    def __str__(self) -> str:
        """As people write it."""
        return f"Redis at {self.path or f'{self.host}:{self.port}'}"


class Address(Struct, frozen=True):
    """What a URL says."""

    kind: str
    """`single`, `sentinel` or `cluster`."""
    seeds: tuple[Where, ...]
    username: str = ""
    password: str = ""
    database: int = 0
    primary: str = ""
    """The name by which sentinels know the primary."""
    is_encrypted: bool = False
    ca_file: str = ""
    """The certificates that vouch for the server; empty for the system's."""

    def tls(self) -> ssl.SSLContext | None:
        """How to encrypt; None for not at all."""
        return ssl.create_default_context(cafile=self.ca_file or None) if self.is_encrypted else None


def parse(url: str) -> Address:
    """What a URL says.

    Raises:
        BadAddress: It is none of the forms.
    """
    try:
        parts = urlsplit(url)
        scheme, _, kind = parts.scheme.partition("+")
        if scheme == "unix" and not kind and parts.path:
            database = _database("".join(parse_qs(parts.query).get("db", ["0"])))
            return Address("single", (Where("", 0, parts.path),), database=database)
        if scheme not in ("redis", "rediss") or kind not in ("", "sentinel", "cluster"):
            raise BadAddress(f"{url!r} is no address of Redis; write one like redis://127.0.0.1:6379/0")
        return _parsed(parts.netloc, parts.path, parts.query, kind or "single", is_encrypted=scheme == "rediss")
    except ValueError as error:
        if isinstance(error, BadAddress):
            raise
        raise BadAddress(f"{url!r}: {error}") from error


def _parsed(netloc: str, path: str, query: str, kind: str, *, is_encrypted: bool) -> Address:
    user_and_password, _, hosts = netloc.rpartition("@")
    username, _, password = user_and_password.partition(":")
    *name, database = [part for part in path.split("/") if part] or [""]
    if kind == "sentinel" and not name:
        name, database = [database], ""
    if len(name) != (kind == "sentinel") or (name == [""]):
        raise BadAddress(
            f"{path!r} is not " + ("/NAME or /NAME/DB" if kind == "sentinel" else "the number of a database")
        )
    if kind == "cluster" and database not in ("", "0"):
        raise BadAddress("a cluster has no database but 0")
    default_port = SENTINEL_PORT if kind == "sentinel" else DEFAULT_PORT
    seeds = tuple(_where(host, default_port) for host in hosts.split(","))
    if kind == "single" and len(seeds) > 1:
        raise BadAddress("several servers are redis+cluster:// or redis+sentinel://")
    return Address(
        kind,
        seeds,
        unquote(username),
        unquote(password),
        _database(database or "0"),
        "".join(name),
        is_encrypted,
        "".join(parse_qs(query).get("ssl_ca_certs", [])),
    )


def _where(host_and_port: str, default_port: int) -> Where:
    parts = urlsplit(f"//{host_and_port}")
    return Where(parts.hostname or "127.0.0.1", parts.port or default_port)


def _database(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadAddress(f"{text!r} is not the number of a database")
    return int(text)
