"""The waiting line: who is paired with whom.

One commit on the pool decides a pair: it takes both out of the line and notes the pair under `forming`. Carrying it
out (the match, both registrations) is idempotent, so whoever finds a forming pair finishes it.

Source: docs/protocol.md, "Pairing".
"""

from collections.abc import Mapping
from typing import NamedTuple

from turnserver.domain.documents import Forming, Player, Pool, Waiting
from turnserver.partition import Batch, View
from turnserver.protocol.limits import Limits


class Draw(NamedTuple):
    """What chance gives to a pair that may form: a fresh name, and the seat (0 or 1) of the player who asks."""

    match_id: str
    seat: int


class Asked(NamedTuple):
    """What came of asking: the pair if one forms, and the batch if anything changes.

    `looks_on` is True where all that were looked at have gone, and others may still fit.
    """

    pair: Forming | None
    batch: Batch | None
    looks_on: bool = False


def forming(view: View) -> tuple[Forming, ...]:
    """Pairs that were decided and may still have to be carried out."""
    return _pool(view).forming


def candidates(view: View, me: str, player: Player, *, limits: Limits) -> list[Waiting]:
    """The first few in the line who may be paired with this player, oldest first, dead ones included."""
    fitting = [other for other in _pool(view).waiting if _fits(other, me, player)]
    return fitting[: limits.pool_candidates_max]


def ask(
    view: View,
    me: str,
    player: Player,
    *,
    alive: Mapping[str, bool],
    draw: Draw,
    limits: Limits,
) -> Asked:
    """Pair this player with the first fitting one who is alive, or put it at the end of the line.

    Args:
        view: The pool.
        me: The id of the registration that asks.
        player: Its registration.
        alive: For the ids of `candidates`, whether they still wait; those that do not leave the line.
        draw: For the pair, if one forms.
        limits: `pool_waiting_max` counts.
    """
    pool = _pool(view)
    line = tuple(other for other in pool.waiting if alive.get(other.id, True))
    other = next((other for other in line if _fits(other, me, player)), None)
    if other is not None:
        if other.id not in alive:
            return Asked(None, _batch(view, Pool(line, pool.forming), limits), looks_on=True)
        pair = _pair(me, player, other, draw)
        rest = tuple(waiting for waiting in line if waiting.id not in (me, other.id))
        return Asked(pair, _batch(view, Pool(rest, (*pool.forming, pair)), limits))
    if all(waiting.id != me for waiting in line) and len(line) < limits.pool_waiting_max:
        line = (*line, Waiting(me, player.name, player.partner, player.user))
    return Asked(None, None if line == pool.waiting else _batch(view, Pool(line, pool.forming), limits))


def leave(view: View, me: str, *, limits: Limits) -> Batch | None:
    """The batch that takes a player out of the line; None if it is not in it."""
    pool = _pool(view)
    line = tuple(other for other in pool.waiting if other.id != me)
    return None if line == pool.waiting else _batch(view, Pool(line, pool.forming), limits)


def formed(view: View, pair: Forming, *, limits: Limits) -> Batch | None:
    """The batch that forgets a pair that was carried out; None if it is forgotten already."""
    pool = _pool(view)
    rest = tuple(other for other in pool.forming if other.match_id != pair.match_id)
    return None if rest == pool.forming else _batch(view, Pool(pool.waiting, rest), limits)


def sign_of_life(limits: Limits) -> Batch:
    """The batch that keeps the line in being while somebody waits in it."""
    return Batch(ttl_ms=_ttl_ms(limits), lasting=False)


def _pool(view: View) -> Pool:
    pool: Pool | None = view.value("pool")
    return Pool() if pool is None else pool


def _fits(other: Waiting, me: str, player: Player) -> bool:
    """True if the two may be paired: both want anyone, or each the other's name."""
    if other.id == me or other.id in player.met:
        return False
    return player.partner is None or (other.name == player.partner and other.partner == player.name)


def _pair(me: str, player: Player, other: Waiting, draw: Draw) -> Forming:
    mine = (me, player.name, player.user)
    theirs = (other.id, other.name, other.user)
    first, second = (mine, theirs) if draw.seat == 0 else (theirs, mine)
    return Forming(
        match_id=draw.match_id,
        players=(first[0], second[0]),
        names=(first[1], second[1]),
        by_name=player.partner is not None,
        server=draw.seat,
        users=(first[2], second[2]) if player.user or other.user else (),
        title=player.title,
    )


def _batch(view: View, pool: Pool, limits: Limits) -> Batch:
    return Batch(expect={"pool": view.counter("pool")}, put={"pool": pool}, ttl_ms=_ttl_ms(limits))


def _ttl_ms(limits: Limits) -> int:
    return round(2000 * limits.registration_silence_long_s)
