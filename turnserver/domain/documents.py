"""What the relay keeps: the documents of its partitions, and how partitions and streams are named.

Fields are only ever added at the end and with a default: a journal written by an older version is read by a newer one.
No key is kept: a registration's id is the digest of its pairing key, and a game key is known by its digest.

    player:ID      "player": Player                       a registration
    pool:TITLE     "pool": Pool                           the waiting line of those who want anyone
    couple:...     "pool": Pool                           the waiting line of two names that want each other
    match:ID       "match": Match, "0" and "1": Seat,     a pair that loads, or a game; also found
                   streams "from0" and "from1",           as game:DIGEST for both game keys
                   "owed" (see `domain.owed`)
"""

from enum import IntEnum

from msgspec import Struct


class Phase(IntEnum):
    """How far a registration has come."""

    REGISTERED = 0
    ASKED = 1
    PAIRED = 2
    DROPPED = 3
    """Its pair broke, and REQUEST_PAIR has not said so yet."""
    TOLD = 4
    """Its pair broke, and it knows; asking again puts it back into the line."""
    ENDED = 5


class Player(Struct, frozen=True, array_like=True, gc=False, tag="player"):
    """A registration."""

    name: str
    title: str
    partner: str | None
    long_timeout: bool
    phase: Phase = Phase.REGISTERED
    match_id: str = ""
    seat: int = 0
    met: tuple[str, ...] = ()
    """Ids of the latest whom it was paired with: not offered again."""
    farewell: str = ""
    """The `status/code` that an ended registration answers with."""
    user: str = ""
    """Whose inbox is told of its partner and game; empty for nobody's."""


class Waiting(Struct, frozen=True, array_like=True, gc=False):
    """One place in a waiting line; `id` is the registration's."""

    id: str
    name: str
    partner: str | None
    user: str = ""


class Forming(Struct, frozen=True, array_like=True, gc=False):
    """A pair that the pool has decided on and that may still have to be carried out.

    Seats are 0 and 1; `players` are their registrations' ids, `server` is the seat of the player whose request made
    the pair.
    """

    match_id: str
    players: tuple[str, str]
    names: tuple[str, str]
    by_name: bool
    server: int
    users: tuple[str, ...] = ()
    """As in `Player`, both of them; empty if neither is one."""
    title: str = ""


class Pool(Struct, frozen=True, array_like=True, gc=False, tag="pool"):
    """A waiting line, oldest first, and the pairs just taken from it."""

    waiting: tuple[Waiting, ...] = ()
    forming: tuple[Forming, ...] = ()


class Step(IntEnum):
    """How far a seat has come before play."""

    PAIRED = 0
    LOADING = 1
    READY = 2


class Match(Struct, frozen=True, array_like=True, gc=False, tag="match"):
    """What is fixed about a pair, and who ended it. `players` are ids of registrations."""

    id: str
    players: tuple[str, str]
    names: tuple[str, str]
    by_name: bool
    server: int
    left: int | None = None
    """The seat that quit, fell silent or ended its registration, or NO_SEAT; None while the pair or game lives."""
    users: tuple[str, ...] = ()
    """As in `Forming`."""
    game_keys: tuple[str, str] = ("", "")
    """Digests of the two game keys; empty for a player who has not loaded yet."""


class Seat(Struct, frozen=True, array_like=True, gc=False, tag="seat"):
    """One player's side of a match. Only its own requests write it, so the two never contend."""

    step: Step
    seen_ms: int
    """The store's clock at the player's latest request."""
    sent: int = -1
    """The latest accepted counter; -1 before the first."""
    handed: int = 0
    """The offset in the partner's stream up to which updates were handed out."""


RelayDocument = Player | Pool | Match | Seat

NO_SEAT = 2
"""Stands in `Match.left` for a match that an operator closed: no seat's number, so both get what is still buffered."""

SEATS = ("0", "1")
"""Names of the two seats' documents."""

STREAMS = ("from0", "from1")
"""Names of the streams of updates, by the sender's seat."""


def player_partition(player_id: str) -> str:
    """The partition of a registration, by its id."""
    return f"player:{player_id}"


def match_partition(match_id: str) -> str:
    """The partition of a pair or game, by its id."""
    return f"match:{match_id}"


def game_partition(digest: str) -> str:
    """The same partition, by the digest of one of its two game keys."""
    return f"game:{digest}"


def pool_partition(title: str, name: str, partner: str | None) -> str:
    """The waiting line for a player of that name: one for all who want anyone, one for each two names."""
    if partner is None:
        return f"pool:{title}"
    # Names hold no line feed, so it keeps the two apart.
    return f"couple:{title}\n" + "\n".join(sorted((name, partner)))
