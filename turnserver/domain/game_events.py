"""What users who play over the relay find in their inboxes: that a partner was found, and that a game has ended.

A registration belongs to a user if REGISTER named a session; others have no inbox.

Source: docs/messages.md, "Events".
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from turnserver.domain.audit import SERVER
from turnserver.domain.documents import NO_SEAT, Forming, Match
from turnserver.domain.owed import Event, Owed, owing

QUIT, SILENT, LEFT, CLOSED = "quit", "silent", "left", "closed"
"""Why a game ended: a GAME_QUIT, silence, an UNREGISTER before play, or an operator."""


def partner_found(pair: Forming) -> Iterator[tuple[str, Event]]:
    """For each of the two who is a user, the event that tells of the other."""
    for seat, user in enumerate(pair.users):
        if user:
            role = "server" if seat == pair.server else "client"
            data = {"match": pair.match_id, "title": pair.title, "partner": pair.names[1 - seat], "role": role}
            yield user, Event(f"pair:{pair.match_id}", 0, "partner_found", _json(data))


def game_ended(match: Match, seat: int, why: str, *, was_played: bool) -> Mapping[str, Sequence[bytes]]:
    """What the batch appends that ends a pair or game: the event for those of the two who are users.

    Args:
        match: The pair or game.
        seat: Who has left it, or NO_SEAT.
        why: QUIT, SILENT, LEFT or CLOSED.
        was_played: False for a pair whose game had not begun.
    """
    users = tuple(user for user in match.users if user)
    if not users:
        return owing(())
    by = SERVER if seat == NO_SEAT else match.names[seat]
    data = {"match": match.id, "by": by, "why": why, "played": was_played}
    return owing((Owed(f"match:{match.id}", "game_ended", _json(data), users),))


def _json(data: Mapping[str, object]) -> str:
    return msgspec.json.encode(data).decode()
