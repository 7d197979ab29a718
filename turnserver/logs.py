"""How the log looks: one event a line, JSON for machines and plain text for people.

All that this process logs goes the same way, uvicorn's own messages and Python's warnings included. Whatever text comes
with an event, it cannot begin a line of its own, move a terminal's cursor, or show what looks like a key or token.

Source: docs/operating.md, "Logs".
"""

import logging
import os
import re
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter

from turnserver.settings import LogFormat, LogLevel

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those of Unicode that break a line or turn the direction of writing."""

_SECRETS = re.compile(r"(?<![\w-])(?:sk_)?(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?:[\w-]{16}|[\w-]{40,})(?![\w-])", re.ASCII)
"""What is as long as a key, or longer than any word: random letters in both cases."""

HIDDEN = "[secret]"
"""What stands in place of what looks like a secret."""

_Event = MutableMapping[str, Any]


def set_up(stream: TextIO, *, log_format: LogFormat, level: LogLevel) -> None:
    """From now on, write all that is logged to a stream.

    Args:
        stream: Standard error.
        log_format: AUTO is text on a terminal and JSON elsewhere.
        level: What matters less is left out. DEBUG is for our own events: libraries would tell what they store.
    """
    is_terminal = stream.isatty()
    is_json = log_format is LogFormat.JSON or (log_format is LogFormat.AUTO and not is_terminal)
    handler = logging.StreamHandler(stream)
    colors = is_terminal and not os.environ.get("NO_COLOR")
    handler.setFormatter(json_lines() if is_json else text_lines(colors=colors))
    own_level = logging.getLevelNamesMapping()[level.value.upper()]
    logging.basicConfig(handlers=[handler], level=max(own_level, logging.INFO), force=True)
    logging.getLogger("turnserver").setLevel(own_level)
    logging.captureWarnings(True)


def json_lines() -> ProcessorFormatter:
    """One JSON object a line: `time`, `level`, `logger`, `event`, then the event's own fields."""
    return _formatter(structlog.processors.JSONRenderer(default=str))


def text_lines(*, colors: bool) -> ProcessorFormatter:
    """Lines for people; a traceback is indented below its event."""
    return _formatter(
        _one_line,
        structlog.dev.ConsoleRenderer(colors=colors, timestamp_key="time", pad_event_to=0, sort_keys=False),
    )


def _formatter(*renderers: structlog.typing.Processor) -> ProcessorFormatter:
    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _fields,
            structlog.processors.format_exc_info,
            _in_order,
            _without_secrets,
        ],
        processors=[ProcessorFormatter.remove_processors_meta, *renderers],
    )


def _fields(_logger: Any, _method: str, event: _Event) -> _Event:
    """Add the event's own fields; none of them can stand in for what every event has."""
    record: logging.LogRecord = event["_record"]
    return {**getattr(record, "fields", {}), **event, "exc_info": record.exc_info}


def _in_order(_logger: Any, _method: str, event: _Event) -> _Event:
    return {**{name: event[name] for name in ("time", "level", "logger", "event")}, **event}


def _without_secrets(_logger: Any, _method: str, event: _Event) -> _Event:
    return {name: value if name in _META else without_secrets(value) for name, value in event.items()}


_META = frozenset(("_record", "_from_structlog", "time", "level", "logger"))


def without_secrets(value: Any) -> Any:
    """The value with what looks like a secret left out, in text and within lists and mappings."""
    if isinstance(value, str):
        return _SECRETS.sub(HIDDEN, value)
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {without_secrets(name): without_secrets(item) for name, item in value.items()}
    return value if isinstance(value, int | float | None) else _SECRETS.sub(HIDDEN, str(value))


def _one_line(_logger: Any, _method: str, event: _Event) -> _Event:
    traceback = event.pop("exception", None)
    shown = {name: harmless(value) if isinstance(value, str) else value for name, value in event.items()}
    if traceback is not None:
        shown["exception"] = "\n".join(f"    {harmless(line)}" for line in traceback.splitlines())
    return shown


def harmless(text: str) -> str:
    """The text as a terminal may show it: control characters as Python would write them."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
