"""The requests of the relay, symbols 0 to 6. Well formed by construction of `wire`; allowed or not is `domain`'s say.

Source: docs/protocol.md, "Symbols".
"""

from typing import NamedTuple


class Register(NamedTuple):
    """REGISTER (0): a new registration for `name`, who wants `partner` or, if None, anyone.

    `token` is of the session whose user is told in the inbox; None tells nobody.
    """

    name: str
    partner: str | None
    long_timeout: bool
    token: str | None = None


class Unregister(NamedTuple):
    """UNREGISTER (1): end the registration."""

    key: str


class RequestPair(NamedTuple):
    """REQUEST_PAIR (2): find me a partner, or tell me whom you found."""

    key: str


class MapInit(NamedTuple):
    """MAP_INIT (3): I know my role and am loading."""

    key: str


class MapReady(NamedTuple):
    """MAP_READY (4): I have loaded."""

    key: str


class GameQuit(NamedTuple):
    """GAME_QUIT (5): I leave the game. `received` is the r of an exact counter `n.r`, else None."""

    key: str
    player: int
    counter: int
    received: int | None


class GameUpdate(NamedTuple):
    """GAME_UPDATE (6): an update for the partner (UTF-8, opaque), or with empty data a poll."""

    key: str
    player: int
    counter: int
    received: int | None
    data: bytes


RelayRequest = Register | Unregister | RequestPair | MapInit | MapReady | GameQuit | GameUpdate
