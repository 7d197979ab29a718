"""Matches and registrations as a store would show them, for rules that are called directly."""

from typing import Any

from turnserver.domain.documents import SEATS, STREAMS, Match, Seat, Step
from turnserver.partition import EMPTY, Document, View

IDS = ("A" * 16, "B" * 16)
"""Of the two registrations."""

GAME_KEYS = ("a" * 16, "b" * 16)
"""In place of the digests of the two game keys."""


def view(now_ms: int = 0, *, opened_ms: int = 0, **documents: Any) -> View:
    """A partition with documents that were each written once."""
    return View({name: Document(1, value) for name, value in documents.items()}, {}, now_ms, opened_ms)


def match(
    *seats: Seat, now_ms: int = 0, opened_ms: int = 0, left: int | None = None, sent: tuple[list[bytes], ...] = ()
) -> View:
    """A match of ann (seat 0, who made it) and bob (seat 1)."""
    value = Match("m", IDS, ("ann", "bob"), by_name=False, server=0, left=left, game_keys=GAME_KEYS)
    first, second = seats or (Seat(Step.READY, 0), Seat(Step.READY, 0))
    documents = {"match": Document(1, value), SEATS[0]: Document(1, first), SEATS[1]: Document(1, second)}
    streams = {name: EMPTY.appended(items) for name, items in zip(STREAMS, sent, strict=False)}
    return View(documents, streams, now_ms, opened_ms)
