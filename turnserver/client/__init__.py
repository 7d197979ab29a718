"""A client for players: a game of two with send and receive, and rooms in lock-step. Retries never double or lose.

`pair` is the synchronous client, without an HTTP library; `turnserver.client.asynchronous.pair` is the same over
aiohttp.

    from turnserver.client import pair

    with pair("http://127.0.0.1:8192", "ann", partner="bob") as game:
        game.send("hi")
        for text in game:
            print(text)

A `Session` of a guest or an account makes and joins rooms; a `Room` runs the game's own step function in lock-step
with all other players; `turnserver.client.async_rooms` has the same two over aiohttp.

All rules are in pure modules that both share. Frozen values say what is known: `pairing`, `seat`, `membership`.
Generators say in which order to post what: `meeting` and `playing` for two, `seating`, `visiting` and `running` for
rooms, `accounts` for names and passwords, `following` for inboxes, `chatting` for chat; `exchange` repeats one request
until it is answered. Blocking and asynchronous modules only perform these.
"""

from turnserver.client.blocking import Game, pair
from turnserver.client.chats import Chat
from turnserver.client.errors import (
    BadRequest,
    Closed,
    Diverged,
    EmailNotSet,
    GameClosed,
    GameEnded,
    GameUnknown,
    MessagesLost,
    NameTaken,
    NoPartner,
    NoRight,
    NotAllowed,
    NotDelivered,
    PartnerLeft,
    ProtocolError,
    RegistrationEnded,
    RoomEnded,
    RoomUnknown,
    SeatLost,
    ServerBusy,
    ServerFull,
    TooManyRequests,
    TurnserverError,
    Unreachable,
    WantedPartnerDropped,
    WeakPassword,
    WrongPassword,
    WrongState,
)
from turnserver.client.game_rules import Commands
from turnserver.client.inboxes import Message
from turnserver.client.membership import Setup
from turnserver.client.pairing import Role
from turnserver.client.rooms import LockStep, Room
from turnserver.client.sessions import Session
from turnserver.client.subscription import Subscription
from turnserver.client.timing import Timing
from turnserver.messages.chat import ChatLine

__all__ = [
    "BadRequest",
    "Chat",
    "ChatLine",
    "Closed",
    "Commands",
    "Diverged",
    "EmailNotSet",
    "Game",
    "GameClosed",
    "GameEnded",
    "GameUnknown",
    "LockStep",
    "Message",
    "MessagesLost",
    "NameTaken",
    "NoPartner",
    "NoRight",
    "NotAllowed",
    "NotDelivered",
    "PartnerLeft",
    "ProtocolError",
    "RegistrationEnded",
    "Role",
    "Room",
    "RoomEnded",
    "RoomUnknown",
    "SeatLost",
    "ServerBusy",
    "ServerFull",
    "Session",
    "Setup",
    "Subscription",
    "Timing",
    "TooManyRequests",
    "TurnserverError",
    "Unreachable",
    "WantedPartnerDropped",
    "WeakPassword",
    "WrongPassword",
    "WrongState",
    "pair",
]
