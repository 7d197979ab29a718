"""A client for players: pairing, and a game with send and receive. Retries never double and never lose a text.

`pair` is the synchronous client, without a dependency; `turnserver.client.asynchronous.pair` is the same over aiohttp.

    from turnserver.client import pair

    with pair("http://127.0.0.1:8192", "ann", partner="bob") as game:
        game.send("hi")
        for text in game:
            print(text)

All rules are in pure modules that both share: `pairing` and `seat` are frozen values, `meeting` and `playing` say in
which order to post what, as generators, `exchange` repeats one request until it is answered. `blocking` and
`asynchronous` only perform what those ask for.
"""

from turnserver.client.blocking import Game, pair
from turnserver.client.errors import (
    GameClosed,
    GameEnded,
    GameUnknown,
    NoPartner,
    PartnerLeft,
    ProtocolError,
    RegistrationEnded,
    ServerBusy,
    ServerFull,
    TurnserverError,
    Unreachable,
    WantedPartnerDropped,
)
from turnserver.client.pairing import Role
from turnserver.client.timing import Timing

__all__ = [
    "Game",
    "GameClosed",
    "GameEnded",
    "GameUnknown",
    "NoPartner",
    "PartnerLeft",
    "ProtocolError",
    "RegistrationEnded",
    "Role",
    "ServerBusy",
    "ServerFull",
    "Timing",
    "TurnserverError",
    "Unreachable",
    "WantedPartnerDropped",
    "pair",
]
