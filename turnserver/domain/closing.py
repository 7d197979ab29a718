"""Ends that an operator makes: of a match, where neither of the two has left, and of a room.

Source: docs/console.md, "The live world".
"""

from msgspec import structs

from turnserver.domain.documents import NO_SEAT, SEATS, Match
from turnserver.domain.game_events import CLOSED, game_ended
from turnserver.domain.relay import is_playing
from turnserver.domain.rooms import ending
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import Room, is_ended
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits


def close_match(view: View, *, limits: Limits) -> Batch:
    """The batch that ends a match or a pair that loads, for both.

    Raises:
        Refused: NOT_THERE; WRONG_STATE for one that has ended.
    """
    match: Match | None = view.value("match")
    if match is None:
        raise Refused(answers.NOT_THERE)
    if match.left is not None:
        raise Refused(answers.WRONG_STATE)
    expect = {name: view.counter(name) for name in ("match", *SEATS)}
    return Batch(
        expect=expect,
        put={"match": structs.replace(match, left=NO_SEAT)},
        append=game_ended(match, NO_SEAT, CLOSED, was_played=is_playing(view)),
        ttl_ms=limits.match_ttl_ms,
    )


def close_room(view: View, *, limits: Limits) -> Change:
    """The change that ends a room as `closed`.

    Raises:
        Refused: NOT_THERE; WRONG_STATE for one that has ended.
    """
    room: Room | None = view.value("room")
    if room is None:
        raise Refused(answers.NOT_THERE)
    if is_ended(room):
        raise Refused(answers.WRONG_STATE)
    return ending.end(room, ending.CLOSED, now_ms=view.now_ms, limits=limits)
