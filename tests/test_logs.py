"""How the log looks."""

import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver import logs
from turnserver.events import Event, tell
from turnserver.service.context import new_key, new_server_key, new_token
from turnserver.settings import LogFormat, LogLevel

LOGGER = logging.getLogger("turnserver.test")
FORGERY = 'ann\n{"event": "login"}\r\x1b[2J\u2028\u202eb'


def fail(text: str) -> None:
    """A bug that says what a user wrote."""
    raise ZeroDivisionError(text)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """The logging of the tests as it was."""
    root, own = logging.getLogger(), logging.getLogger("turnserver")
    levels, handlers = (root.level, own.level), root.handlers[:]
    yield
    logging.captureWarnings(False)
    root.setLevel(levels[0])
    own.setLevel(levels[1])
    root.handlers[:] = handlers


def lines(formatter: logging.Formatter, **fields: object) -> list[str]:
    """What stands in the log after a login."""
    record = logging.LogRecord("turnserver.test", Event.LOGIN.level, "", 0, Event.LOGIN.words, (), sys.exc_info())
    record.fields = fields
    return formatter.format(record).split("\n")


def logged(**fields: object) -> dict[str, Any]:
    """An event as JSON."""
    (line,) = lines(logs.JsonLines(), **fields)
    told: dict[str, Any] = json.loads(line)
    return told


def test_json_has_what_every_event_has_first_and_then_its_fields() -> None:
    told = logged(user="ann", seconds=1.5, names=("a", "b"))

    assert list(told) == ["time", "level", "logger", "event", "user", "seconds", "names"]
    assert told["time"].endswith("Z")
    assert (told["level"], told["logger"], told["event"]) == ("info", "turnserver.test", "login")
    assert (told["user"], told["seconds"], told["names"]) == ("ann", 1.5, ["a", "b"])


def test_no_field_takes_the_place_of_what_every_event_has() -> None:
    assert logged(event="another", level="debug")["event"] == "login"


def test_text_is_one_line_that_people_can_read() -> None:
    (line,) = lines(logs.TextLines(), user="ann", reason="disk full", seconds=1.5)

    assert line.endswith('Z info    login user=ann reason="disk full" seconds=1.5 (turnserver.test)')


@pytest.mark.parametrize("formatter", [logs.JsonLines(), logs.TextLines()], ids=["json", "text"])
def test_text_of_users_neither_breaks_a_line_nor_moves_a_cursor(formatter: logging.Formatter) -> None:
    (line,) = lines(formatter, user=FORGERY)

    assert line.isprintable()


@given(st.text())
def test_any_text_comes_back_from_json_in_one_line(text: str) -> None:
    assert logged(user=text)["user"] == logs.without_secrets(text)


@given(st.text())
def test_any_text_is_harmless_on_a_terminal(text: str) -> None:
    assert len(logs.harmless(text).splitlines()) <= 1
    assert "\x1b" not in logs.harmless(text)


def test_a_traceback_is_one_field_of_json() -> None:
    try:
        fail(FORGERY)
    except ZeroDivisionError:
        told = logged()

    assert "ZeroDivisionError: ann" in told["exception"]


def test_no_line_of_a_traceback_begins_like_an_event() -> None:
    try:
        fail(FORGERY)
    except ZeroDivisionError:
        first, *rest = lines(logs.TextLines())

    assert "login" in first
    assert all(line.startswith("    ") and line.isprintable() for line in rest)
    assert len(rest) > 3


@given(st.sampled_from((new_key, new_token, new_server_key)), st.sampled_from(("%s", "game:%s", "a %s.", "(%s)")))
def test_what_looks_like_a_secret_is_hidden(secret: Any, around: str) -> None:
    text = secret()
    if text != text.lower() and text != text.upper():
        assert text not in logged(reason=around % text, nested={"at": [around % text]}).values().__repr__()


@pytest.mark.parametrize(
    "text", ["a registration overtaken", "turnserver.db-wal", "/var/lib/turnserver", "internationalization", "0/10/*"]
)
def test_plain_words_are_not_hidden(text: str) -> None:
    assert logs.without_secrets(text) == text


def test_values_of_other_types_are_shown_as_text() -> None:
    assert logs.without_secrets([1, None, {"a": OSError("disk")}]) == [1, None, {"a": "disk"}]


@pytest.mark.parametrize(
    ("stream", "log_format", "is_json"),
    [
        (io.StringIO(), LogFormat.AUTO, True),
        (Terminal(), LogFormat.AUTO, False),
        (Terminal(), LogFormat.JSON, True),
        (io.StringIO(), LogFormat.TEXT, False),
    ],
)
def test_the_form_fits_the_stream_unless_it_is_said(stream: io.StringIO, log_format: LogFormat, is_json: bool) -> None:  # noqa: FBT001  # a column of the table
    logs.set_up(stream, log_format=log_format, level=LogLevel.INFO)
    tell(LOGGER, Event.READY, address="http://x")

    assert stream.getvalue().startswith("{") is is_json
    assert stream.getvalue().count("\n") == 1


def test_the_level_says_what_is_left_out() -> None:
    stream = io.StringIO()
    logs.set_up(stream, log_format=LogFormat.AUTO, level=LogLevel.WARNING)
    tell(LOGGER, Event.LOGIN)
    tell(LOGGER, Event.STORE_UP)

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["store up"]


def test_libraries_do_not_tell_their_details() -> None:
    stream = io.StringIO()
    logs.set_up(stream, log_format=LogFormat.AUTO, level=LogLevel.DEBUG)
    logging.getLogger("library").debug("INSERT INTO secrets")
    tell(LOGGER, Event.MATCH_ENDED)

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["match ended"]


def test_other_libraries_and_warnings_go_the_same_way() -> None:
    stream = io.StringIO()
    logs.set_up(stream, log_format=LogFormat.AUTO, level=LogLevel.WARNING)
    logging.getLogger("uvicorn.error").error("broken: %s", "pipe")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this is old", stacklevel=1)

    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["logger"], first["event"]) == ("uvicorn.error", "broken: pipe")
    assert "this is old" in second["event"]
