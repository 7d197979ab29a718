"""A pair that loads: both know their role, load, and say so; when both have, play begins.

The pair is a match whose seats have not both come to READY. Each request of a player is a sign of life; a pair breaks
when one is silent for too long or ends its registration, and the end of a match is final.

Source: docs/protocol.md, "Pairing".
"""

from typing import NamedTuple

from msgspec import structs

from turnserver.domain.documents import SEATS, Forming, Match, Player, Seat, Step, game_partition
from turnserver.domain.game_events import LEFT, game_ended
from turnserver.domain.outcome import Outcome
from turnserver.domain.relay import is_playing, sign_of_life
from turnserver.messages.reply import Refused, Reply
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits


class GameKey(NamedTuple):
    """A player's key in a game, and the digest of it: all that is kept."""

    secret: str
    digest: str


def form(pair: Forming, *, now_ms: int, limits: Limits) -> Batch:
    """The batch that brings a pair's match into being, once."""
    seat = Seat(Step.PAIRED, now_ms)
    return Batch(
        expect={"match": 0},
        put={
            "match": _match(pair),
            SEATS[0]: seat,
            SEATS[1]: seat,
        },
        ttl_ms=limits.match_ttl_ms,
    )


def _match(pair: Forming) -> Match:
    return Match(pair.match_id, pair.players, pair.names, pair.by_name, pair.server, users=pair.users)


def is_broken(view: View) -> bool:
    """True for a pair that one left, or fell silent in, before play; and for one that is no longer kept."""
    match: Match | None = view.value("match")
    return match is None or (match.left is not None and not is_playing(view))


def partner(view: View, player: Player, *, limits: Limits) -> Outcome:
    """Answer REQUEST_PAIR in a pair: who the partner is, and the role."""
    match: Match = view.value("match")
    answer = answers.PAIRED_AS_SERVER if player.seat == match.server else answers.PAIRED_AS_CLIENT
    reply = Reply(answer, match.names[1 - player.seat].encode())
    return Outcome(reply, sign_of_life(view, player.seat, limits=limits))


def map_init(view: View, player: Player, *, limits: Limits) -> Outcome:
    """Answer MAP_INIT: the player knows its role and is loading."""
    match: Match = view.value("match")
    answer = answers.LOADING_AS_SERVER if player.seat == match.server else answers.LOADING_AS_CLIENT
    return Outcome(Reply(answer, b""), _stepped(view, player.seat, Step.LOADING, limits))


def map_ready(view: View, player: Player, *, key: GameKey, limits: Limits) -> Outcome:
    """Answer MAP_READY: play begins, or the partner still loads. From now on the game key leads to the match.

    Args:
        view: The match.
        player: The registration.
        key: The player's game key in this match, the same each time.
        limits: The time-outs count.

    Raises:
        Refused: AHEAD_OF_STATE before MAP_INIT.
    """
    match: Match = view.value("match")
    mine: Seat = view.value(SEATS[player.seat])
    if mine.step is Step.PAIRED:
        raise Refused(answers.AHEAD_OF_STATE)
    batch = _stepped(view, player.seat, Step.READY, limits)
    if batch.lasting:
        batch = _known_by(batch, match, player.seat, key.digest)
    theirs: Seat = view.value(SEATS[1 - player.seat])
    if theirs.step is Step.READY:
        return Outcome(Reply(answers.PLAY, f"{key.secret}|{player.seat}".encode()), batch)
    return Outcome(Reply(answers.PARTNER_LOADS), batch, ("match", SEATS[1 - player.seat]))


def _known_by(batch: Batch, match: Match, seat: int, digest: str) -> Batch:
    game_keys = (digest, match.game_keys[1]) if seat == 0 else (match.game_keys[0], digest)
    put = {**batch.put, "match": structs.replace(match, game_keys=game_keys)}
    return structs.replace(batch, put=put, aliases=(game_partition(digest),))


def leave(view: View, player: Player, *, limits: Limits) -> Batch | None:
    """The batch that breaks the pair of a player whose registration ends; None if it plays already or is broken."""
    match: Match | None = view.value("match")
    if match is None or match.left is not None or is_playing(view):
        return None
    left = structs.replace(match, left=player.seat)
    expect = {name: view.counter(name) for name in ("match", *SEATS)}
    owed = game_ended(match, player.seat, LEFT, was_played=False)
    return Batch(expect=expect, put={"match": left}, append=owed, ttl_ms=limits.match_ttl_ms)


def _stepped(view: View, seat: int, step: Step, limits: Limits) -> Batch:
    mine: Seat = view.value(SEATS[seat])
    if mine.step >= step:
        return sign_of_life(view, seat, limits=limits)
    return Batch(
        expect={name: view.counter(name) for name in ("match", SEATS[seat])},
        put={SEATS[seat]: Seat(step, view.now_ms, mine.sent, mine.handed)},
        ttl_ms=limits.match_ttl_ms,
    )
