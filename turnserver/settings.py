"""All settings: defaults, then a TOML file, then the environment, then the command line; and where each came from."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from turnserver.protocol.limits import Limits

ENVIRONMENT_PREFIX = "TURNSERVER_"

MAY_BE_ZERO = frozenset(("port", "drain_s", "ack_replicas"))
"""The settings for which 0 means something."""


class SettingsError(Exception):
    """A setting that cannot be used; the message names it, its source and the reason."""


class Durability(str, Enum):
    """What an acknowledged request survives."""

    NONE = "none"
    PROCESS = "process"
    POWER = "power"


class LogFormat(str, Enum):
    """How the log looks."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class LogLevel(str, Enum):
    """What is logged: this, and what matters more."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class MailTls(str, Enum):
    """How the way to the mail server is kept secret."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Limits):
    """Every setting, the limits of the protocol included."""

    host: str = field(default="127.0.0.1", metadata={"reason": "address to listen on; 0.0.0.0 is every interface"})
    port: int = field(default=8192, metadata={"reason": "port to listen on; 0 takes a free one"})
    database: str = field(
        default="sqlite:///turnserver.db", metadata={"reason": "where state is kept, as an SQLAlchemy URL"}
    )
    live: str = field(
        default="",
        metadata={
            "reason": "where live state is shared, as a URL of Redis; empty keeps it in this process and `database`"
        },
    )
    ack_replicas: int = field(
        default=0, metadata={"reason": "replicas of Redis that must have what is acknowledged; 0 waits for none"}
    )
    redis_s_max: float = field(default=5, metadata={"reason": "a reply of Redis that takes longer will not come"})
    workers: int = field(default=1, metadata={"reason": "processes on this machine; more than one need `live`"})
    server_keys: str = field(
        default="turnserver.keys", metadata={"reason": "the file with the SHA-256 of each server key"}
    )
    games_kept_s: float = field(
        default=2_592_000, metadata={"reason": "how long a game that has ended stays in the records"}
    )
    console_session_s: float = field(
        default=43_200, metadata={"reason": "an operator's session in the console ends this long after the login"}
    )
    console_idle_s: float = field(
        default=3_600, metadata={"reason": "an operator's session ends this long after its last use"}
    )
    console_rows_max: int = field(
        default=100, metadata={"reason": "players, matches or rooms that the console shows at once, of each"}
    )
    proxies: str = field(
        default="127.0.0.1,::1", metadata={"reason": "proxies whose X-Forwarded-For is believed, joined by commas"}
    )
    reset_webhook: str = field(
        default="",
        metadata={"reason": "URL that reset tokens are posted to; empty: the operator hands them out"},
    )
    mail_host: str = field(
        default="", metadata={"reason": "mail server that takes reset tokens for accounts with an address; empty: none"}
    )
    mail_port: int = field(default=587, metadata={"reason": "its port: 587 with starttls, 465 with tls"})
    mail_tls: MailTls = field(
        default=MailTls.STARTTLS, metadata={"reason": "starttls, tls from the start, or none: on this machine only"}
    )
    mail_user: str = field(default="", metadata={"reason": "whom it knows this server as; empty: it does not ask"})
    mail_password: str = field(default="", metadata={"reason": "that user's password", "is_secret": True})
    mail_from: str = field(default="", metadata={"reason": "the address that mails come from; needed with mail_host"})
    reset_link: str = field(
        default="", metadata={"reason": "what stands before the token in a mail, like https://HOST/reset?token="}
    )
    durability: Durability = field(
        default=Durability.PROCESS,
        metadata={"reason": "what is acknowledged survives: nothing (none), a kill (process), a power cut (power)"},
    )
    keep_alive_s: float = field(default=75, metadata={"reason": "how long a connection may idle between two polls"})
    request_head_s_max: float = field(default=10, metadata={"reason": "a request head that takes longer is given up"})
    request_head_bytes_max: int = field(default=16_384, metadata={"reason": "request line and headers together"})
    shutdown_s_max: float = field(default=10, metadata={"reason": "how long a stop waits for replies to leave"})
    drain_s: float = field(
        default=0,
        metadata={"reason": "how long a server that is about to stop goes on, no longer ready, for balancers"},
    )
    metrics_address: str = field(
        default="", metadata={"reason": "HOST:PORT where /metrics answers without a server key; empty for nowhere"}
    )
    log_level: LogLevel = field(default=LogLevel.INFO, metadata={"reason": "log this and what matters more"})
    log_format: LogFormat = field(
        default=LogFormat.AUTO, metadata={"reason": "text, json, or auto: text on a terminal and json elsewhere"}
    )


class Setting(NamedTuple):
    """One effective value and where it came from."""

    name: str
    value: Any
    source: str
    reason: str
    is_secret: bool = False
    """True for what is not to be shown."""


def load(
    *, config: Path | None = None, environment: Mapping[str, str] = os.environ, options: Mapping[str, Any] | None = None
) -> tuple[Settings, list[Setting]]:
    """The effective settings.

    Args:
        config: A TOML file with a key for each setting.
        environment: `TURNSERVER_PORT=9000` and so on; an unknown name with the prefix is an error.
        options: What the command line gave; None values count as not given.

    Returns:
        The settings, and a row for each with its source.

    Raises:
        SettingsError: A value that is no such setting or not of its type, or a file that cannot be read.
    """
    known = {found.name: found for found in fields(Settings) if found.init}
    rows = {
        name: Setting(name, found.default, "default", found.metadata["reason"], found.metadata.get("is_secret", False))
        for name, found in known.items()
    }
    for source, values in (
        (str(config), _from_file(config)),
        ("environment", _from_environment(environment)),
        ("command line", {name: value for name, value in (options or {}).items() if value is not None}),
    ):
        for name, raw in values.items():
            if name not in known:
                raise SettingsError(f"{source}: there is no setting {name!r}; turnserver check-config lists them all")
            value = _typed(name, raw, known[name].type, source)
            rows[name] = rows[name]._replace(value=value, source=source)
    settings = Settings(**{name: row.value for name, row in rows.items()})
    if settings.mail_host and not settings.mail_from:
        raise SettingsError(f"mail_host = {settings.mail_host!r} needs mail_from, the address that mails come from")
    return settings, list(rows.values())


def _from_file(config: Path | None) -> Mapping[str, Any]:
    if config is None:
        return {}
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{config}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{config}: {error}") from error


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX)
    }


def _typed(name: str, raw: Any, wanted: Any, source: str) -> Any:
    try:
        value = msgspec.convert(raw, wanted, strict=not isinstance(raw, str))
    except msgspec.ValidationError as error:
        raise SettingsError(f"{source}: {name} = {raw!r}: {error}") from None
    smallest = 0 if name in MAY_BE_ZERO else 1e-3
    if isinstance(value, int | float) and not smallest <= value <= 10**12:
        raise SettingsError(f"{source}: {name} = {raw!r}: must be more than 0")
    return value
