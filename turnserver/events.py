"""The events that an operator is told of: one table, and the one way to tell.

An event is told by the standard library's logging, by whichever layer it happens in; `turnserver.logs` gives it its
form. Fields never hold keys, tokens or passwords, nor names of partitions that hold one.

Source: docs/operating.md, "Logs".
"""

import logging
from enum import Enum


class Event(Enum):
    """What can happen: its name in the log, how much it matters, and what it means."""

    STARTING = ("starting", logging.INFO, "the stores are open; `seconds` is how long that took")
    READY = ("ready", logging.INFO, "requests are served from now on")
    DRAINING = (
        "draining",
        logging.INFO,
        "the server was asked to stop: it answers what is held, and holds nothing more",
    )
    STOPPED = ("stopped", logging.INFO, "all is written and closed")
    NOT_STARTED = ("not started", logging.ERROR, "the server cannot start")
    STOPPED_UNSAVED = (
        "stopped unsaved",
        logging.ERROR,
        "what came last could not be written, and was not acknowledged",
    )
    STORE_DOWN = ("store down", logging.ERROR, "the store cannot promise what it must: requests are answered with 44")
    STORE_UP = ("store up", logging.WARNING, "the store works again")
    SLOW_COMMIT = ("slow commit", logging.WARNING, "a commit took long; replies have waited for it")
    BUG = ("bug", logging.ERROR, "a mistake of the server's own; a request was answered with 44, or work left out")
    REPLY_REFUSED = ("reply refused", logging.DEBUG, "one request was answered with 44, because the store failed")
    LOGIN = ("login", logging.INFO, "somebody logged in")
    LOGIN_REFUSED = ("login refused", logging.WARNING, "somebody tried to log in and was refused")
    GUESSING_SLOWED = (
        "guessing slowed",
        logging.WARNING,
        "so many passwords were wrong that the next are not looked at; told once a minute for what is slowed",
    )
    KICKED = ("kicked", logging.INFO, "all sessions of somebody were ended, but perhaps one")
    RESET_SENT = ("reset sent", logging.INFO, "a token to reset a password was sent")
    RESET_NOT_SENT = ("reset not sent", logging.WARNING, "a token to reset a password could not be sent")
    OPERATOR_ACT = ("operator act", logging.INFO, "an operator, or who holds a server key, did something")
    MATCH_ENDED = ("match ended", logging.DEBUG, "a game of two is over")
    ROOM_ENDED = ("room ended", logging.DEBUG, "a room is over")

    def __init__(self, words: str, level: int, meaning: str) -> None:
        self.words = words
        self.level = level
        self.meaning = meaning


def tell(logger: logging.Logger, event: Event, *, error: BaseException | None = None, **fields: object) -> None:
    """Tell of an event.

    Args:
        logger: The layer's.
        event: What happened.
        error: What is shown with its traceback.
        fields: What else is known. Text may come from users: its form is made harmless, its meaning is not checked.
    """
    if logger.isEnabledFor(event.level):
        logger.log(event.level, event.words, extra={"fields": fields}, exc_info=error)
