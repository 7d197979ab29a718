"""How the log looks: one event a line, JSON for machines and plain text for people.

All that this process logs goes the same way, uvicorn's own messages and Python's warnings included. Whatever text comes
with an event, it cannot begin a line of its own, move a terminal's cursor, or show what looks like a key or token.

Source: docs/operating.md, "Logs".
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from turnserver.settings import LogFormat, LogLevel

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those of Unicode that break a line or turn the direction of writing."""

_SECRETS = re.compile(r"(?<![\w-])(?:sk_)?(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?:[\w-]{16}|[\w-]{40,})(?![\w-])", re.ASCII)
"""What is as long as a key, or longer than any word: random letters in both cases."""

HIDDEN = "[secret]"
"""What stands in place of what looks like a secret."""


def set_up(stream: TextIO, *, log_format: LogFormat, level: LogLevel) -> None:
    """From now on, write all that is logged to a stream.

    Args:
        stream: Standard error.
        log_format: AUTO is text on a terminal and JSON elsewhere.
        level: What matters less is left out. DEBUG is for our own events: libraries would tell what they store.
    """
    is_json = log_format is LogFormat.JSON or (log_format is LogFormat.AUTO and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if is_json else TextLines())
    own_level = logging.getLevelNamesMapping()[level.value.upper()]
    logging.basicConfig(handlers=[handler], level=max(own_level, logging.INFO), force=True)
    logging.getLogger("turnserver").setLevel(own_level)
    logging.captureWarnings(True)


class JsonLines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `event`, then the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        return json.dumps(_told(record, self))


class TextLines(logging.Formatter):
    """A line for people; a traceback is indented below it, so that none of its lines looks like an event."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, and its traceback."""
        told = dict(_told(record, self))
        time, level, logger, event = (harmless(told.pop(name)) for name in ("time", "level", "logger", "event"))
        exception = told.pop("exception", "")
        fields = "".join(f" {harmless(name)}={_quoted(value)}" for name, value in told.items())
        lines = [f"{time} {level:7} {event}{fields} ({logger})", *exception.splitlines()]
        return "\n    ".join(map(harmless, lines))


def _told(record: logging.LogRecord, formatter: logging.Formatter) -> Mapping[str, Any]:
    """All that is known of a record, without secrets. No field stands in for what every event has."""
    at = datetime.fromtimestamp(record.created, UTC)
    told: dict[str, Any] = {
        "time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": without_secrets(record.getMessage()),
    }
    fields: Mapping[str, object] = getattr(record, "fields", {})
    told |= {name: without_secrets(value) for name, value in fields.items() if name not in told}
    if record.exc_info and record.exc_info[0] is not None:
        told["exception"] = without_secrets(formatter.formatException(record.exc_info))
    return told


def without_secrets(value: object) -> Any:
    """The value as JSON can hold it, with what looks like a secret left out of all its text."""
    match value:
        case None | bool() | int() | float():
            return value
        case dict():
            return {without_secrets(str(name)): without_secrets(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [without_secrets(item) for item in value]
        case _:
            return _SECRETS.sub(HIDDEN, str(value))


def harmless(text: str) -> str:
    """The text as a terminal may show it: control characters as Python would write them."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _quoted(value: object) -> str:
    """A field's value: text that is no single word in quotes."""
    if isinstance(value, str) and re.fullmatch(r"[^\s\"'=]+", value):
        return value
    return json.dumps(value, ensure_ascii=False)
