"""The counted relay: every message exactly once, in order, both ways.

Each player owns one seat document (its counter, and how much of the partner's stream was handed out to it) and one
stream (what it sent). The offset of a stream counts the updates that were not empty, so it is the r of `n.r`. What a
player has acknowledged is released from the partner's stream; so the partner's stream begins with what this player
has not acknowledged yet.

Source: docs/protocol.md, "Counters" and "The end".
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from turnserver.domain.documents import SEATS, STREAMS, Match, Seat, Step
from turnserver.domain.game_events import QUIT, SILENT, game_ended
from turnserver.domain.outcome import Held, Outcome
from turnserver.messages.relay import GameQuit, GameUpdate
from turnserver.messages.reply import Refused, Reply
from turnserver.partition import Batch, Stream, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

_NONE: Mapping[str, Any] = {}
_NOTHING_NEW = Reply(answers.NOTHING_NEW)
_WATCH = (("match", SEATS[0], STREAMS[1]), ("match", SEATS[1], STREAMS[0]))
"""By seat: what may change the answer to a poll that found nothing."""


def update(view: View, request: GameUpdate, digest: str, *, limits: Limits, held: Held = Held.NO) -> Outcome:
    """Store one update for the partner and answer with what the partner sent.

    Args:
        view: The match; `end_by_silence` has nothing to say about it.
        request: The sender's seat, data and counter (the first is 0).
        digest: That of the request's key.
        limits: `buffer_bytes_max` and the time-outs of play count.
        held: Whether the request was accepted before and has waited since.

    Returns:
        The reply, and the batch that makes it true: nothing is appended for a repeat.

    Raises:
        Refused: NO_SUCH_GAME, NOT_IN_GAME, COUNTER_BEHIND, COUNTER_AHEAD, PARTNER_LEFT or BUFFER_FULL; the match is
            unchanged.

    Source: docs/protocol.md, "Counters".
    """
    match, mine = _seated(view, request, digest)
    me, partner = request.player, 1 - request.player
    inbound = view.stream(STREAMS[partner])
    is_new = _is_new(mine, inbound, request)
    acknowledged = _acknowledged(mine, inbound, request, is_new=is_new)
    newest = inbound.next
    if match.left is not None and (match.left == me or acknowledged == newest):
        raise Refused(answers.PARTNER_LEFT)
    append: Mapping[str, Sequence[bytes]] = _NONE
    if is_new and request.data and match.left is None:
        _check_room(view.stream(STREAMS[me]), request.data, limits)
        append = {STREAMS[me]: (request.data,)}
    changes = is_new or newest != mine.handed or acknowledged != inbound.first
    if held and not changes and view.now_ms - mine.seen_ms < limits.match_silence_ms_min // 4:
        # Heard just now, by a copy of this request: a sign of life of each would wake the others again and again.
        return _answered(me, inbound, acknowledged, None, is_new=held is Held.AS_NEW)
    batch = Batch(
        {SEATS[me]: view.documents[SEATS[me]].version},
        {SEATS[me]: Seat(Step.READY, view.now_ms, request.counter, newest)},
        append,
        {STREAMS[partner]: acknowledged} if acknowledged > inbound.first else _NONE,
        limits.match_ttl_ms,
        lasting=changes,
    )
    return _answered(me, inbound, acknowledged, batch, is_new=is_new or held is Held.AS_NEW)


def _answered(me: int, inbound: Stream, acknowledged: int, batch: Batch | None, *, is_new: bool) -> Outcome:
    if acknowledged == inbound.next:
        return Outcome(_NOTHING_NEW, batch, _WATCH[me], is_repeat=not is_new)
    answer = answers.UPDATES if is_new else answers.UNACKNOWLEDGED
    return Outcome(Reply(answer, b"|".join(inbound.after(acknowledged))), batch)


def quit_game(view: View, request: GameQuit, digest: str, *, limits: Limits) -> Outcome:
    """End the game for both; the partner still gets what is buffered for it. A repeat is answered again.

    Raises:
        Refused: NO_SUCH_GAME, NOT_IN_GAME, COUNTER_BEHIND or COUNTER_AHEAD; the match is unchanged.

    Source: docs/protocol.md, "The end".
    """
    match, mine = _seated(view, request, digest)
    _is_new(mine, view.stream(STREAMS[1 - request.player]), request)
    reply = Reply(answers.QUIT)
    return Outcome(reply, None if match.left is not None else _end(view, match, request.player, QUIT, limits))


def end_by_silence(view: View, *, limits: Limits) -> Batch | None:
    """The batch that ends a pair or game of which one was silent for too long, or None.

    Of two silent ones, the one who fell silent first has left.

    Source: docs/protocol.md, "The end".
    """
    documents = view.documents
    if not documents:
        return None
    first, second = documents[SEATS[0]].value.seen_ms, documents[SEATS[1]].value.seen_ms
    if view.now_ms - (min(second, first)) < limits.match_silence_ms_min:
        return None  # the hot path ends here
    match: Match = documents["match"].value
    if match.left is not None or next_silence_s(view, limits=limits) > 0:
        return None
    return _end(view, match, min((0, 1), key=lambda seat: _heard_ms(view, seat)), SILENT, limits)


def next_silence_s(view: View, *, limits: Limits) -> float:
    """Seconds until one of the two in a pair or game will have been silent for too long; infinite elsewhere."""
    if view.value("match") is None:
        return math.inf
    silence_s = limits.play_silence_s if is_playing(view) else limits.loading_silence_s
    return (min(_heard_ms(view, 0), _heard_ms(view, 1)) - view.now_ms) / 1000 + silence_s


def is_playing(view: View) -> bool:
    """True once both have loaded; a pair that has played is never "dropped before the start"."""
    return all(view.value(name).step is Step.READY for name in SEATS)


def _heard_ms(view: View, seat: int) -> int:
    mine: Seat = view.value(SEATS[seat])
    return max(mine.seen_ms, view.opened_ms)


def _end(view: View, match: Match, seat: int, why: str, limits: Limits) -> Batch:
    ended = structs.replace(match, left=seat)
    return Batch(
        expect={name: view.counter(name) for name in ("match", SEATS[seat])},
        put={"match": ended},
        append=game_ended(match, seat, why, was_played=is_playing(view)),
        ttl_ms=limits.match_ttl_ms,
    )


def _seated(view: View, request: GameQuit | GameUpdate, digest: str) -> tuple[Match, Seat]:
    documents = view.documents
    if not documents:
        raise Refused(answers.NO_SUCH_GAME)
    match: Match = documents["match"].value
    if match.game_keys[request.player] != digest:
        raise Refused(answers.NOT_IN_GAME)
    seat: Seat = documents[SEATS[request.player]].value
    return match, seat


def _is_new(mine: Seat, inbound: Stream, request: GameQuit | GameUpdate) -> bool:
    """True for the next counter, False for a repeat of the latest."""
    counter, received, sent = request.counter, request.received, mine.sent
    if counter < sent or (received is not None and received < inbound.first):
        raise Refused(answers.COUNTER_BEHIND)
    if counter > sent + 1 or (received is not None and received > mine.handed):
        raise Refused(answers.COUNTER_AHEAD)
    return counter != sent


def _acknowledged(mine: Seat, inbound: Stream, request: GameUpdate, *, is_new: bool) -> int:
    """The offset in the partner's stream up to which this request acknowledges: in the exact form, r alone."""
    if request.received is not None:
        return request.received
    return mine.handed if is_new else inbound.first


def _check_room(outbound: Stream, data: bytes, limits: Limits) -> None:
    joining_bar = 1 if outbound.size else 0
    if outbound.size + joining_bar + len(data) > limits.buffer_bytes_max:
        raise Refused(answers.BUFFER_FULL)


def heard(view: View, request: GameQuit | GameUpdate, digest: str, *, limits: Limits) -> Batch | None:
    """A sign of life of a player whose request was refused, or None if the key gives no right to one."""
    match: Match | None = view.value("match")
    if match is None or match.game_keys[request.player] != digest:
        return None
    return sign_of_life(view, request.player, limits=limits)


def sign_of_life(view: View, seat: int, *, limits: Limits) -> Batch:
    """The batch that notes that a player was heard; nothing that a kill would have to keep."""
    mine: Seat = view.value(SEATS[seat])
    return Batch(
        expect={SEATS[seat]: view.counter(SEATS[seat])},
        put={SEATS[seat]: Seat(mine.step, view.now_ms, mine.sent, mine.handed)},
        ttl_ms=limits.match_ttl_ms,
        lasting=False,
    )
