"""Events are told by the standard library's logging."""

import logging

import pytest

from turnserver.events import Event, tell

LOGGER = logging.getLogger("turnserver.test")


def test_an_event_is_told_with_its_level_and_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    tell(LOGGER, Event.SLOW_COMMIT, seconds=2.5, name="any name will do")

    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.WARNING, "slow commit")
    assert vars(record)["fields"] == {"seconds": 2.5, "name": "any name will do"}


def test_what_matters_too_little_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tell(LOGGER, Event.MATCH_ENDED, why="quit")

    assert caplog.records == []


def test_an_error_is_told_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    tell(LOGGER, Event.BUG, error=ZeroDivisionError("a bug"))

    assert "ZeroDivisionError: a bug" in caplog.text


def test_no_two_events_share_their_words() -> None:
    assert len({event.words for event in Event}) == len(Event)
