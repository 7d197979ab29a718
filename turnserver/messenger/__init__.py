"""Messages for programs that act for the server: worlds, referees, workers in other processes, tools of the operator.

A `Messenger` sends to one user, to all, into topics and queues, and follows topics and queues, over HTTP and with a
server key (`turnserver key add NAME`). Needs no HTTP library; `turnserver.messenger.asynchronous` is the same over
aiohttp.

    from turnserver.messenger import Messenger

    with Messenger("http://127.0.0.1:8192", key) as messenger:
        messenger.broadcast("srv_msg", "Maintenance at noon")
        for message in messenger.listen("referee"):
            messenger.send(message.sender, "verdict", {"about": message.data, "is_fair": True})

All rules are in pure modules that both share: `dispatch` says what is posted, `sending` under which number. Where a
reader stands is in `turnserver.client.following`, and the repeats are those of `turnserver.client.exchange`.

Source: docs/messages.md, "Messenger".
"""

from turnserver.client.errors import (
    BadRequest,
    Closed,
    MessagesLost,
    NoRight,
    NotAllowed,
    NotDelivered,
    ProtocolError,
    ServerBusy,
    ServerFull,
    TurnserverError,
    Unreachable,
)
from turnserver.client.inboxes import Message
from turnserver.client.subscription import Subscription
from turnserver.client.timing import Timing
from turnserver.messenger.blocking import Messenger
from turnserver.messenger.errors import NobodyThere, NumberPassed

__all__ = [
    "BadRequest",
    "Closed",
    "Message",
    "MessagesLost",
    "Messenger",
    "NoRight",
    "NobodyThere",
    "NotAllowed",
    "NotDelivered",
    "NumberPassed",
    "ProtocolError",
    "ServerBusy",
    "ServerFull",
    "Subscription",
    "Timing",
    "TurnserverError",
    "Unreachable",
]
