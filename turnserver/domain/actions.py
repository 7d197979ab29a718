"""Actions that the server knows: who may send them, and what their data must hold. Games invent others as they like.

Source: docs/messages.md, "Actions".
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from turnserver.messages.reply import Refused
from turnserver.protocol import answers

KICK = "kick"

EVENTS = frozenset(("partner_found", "game_ended", "room_created", "room_joined", "room_left", "room_ended"))
"""What the server itself tells."""

SERVER_ACTIONS = EVENTS | {KICK, "debug", "srv_msg"}
"""Actions that only the server and who has a server key may send; but a user may kick its own other sessions."""


class Kick(Struct, frozen=True):
    """The data of `kick`: why, for people to read, and the token of a session that stays."""

    why: str = ""
    keep: str = ""


class Debug(Struct, frozen=True):
    """The data of `debug`."""

    message: str


class NodeReady(Struct, frozen=True):
    """The data of `node_ready`: a node of the game's world is ready, and what came of it."""

    id: str
    type: str
    path: str
    result: Any


_DATA: Mapping[str, msgspec.json.Decoder[Any]] = {
    KICK: msgspec.json.Decoder(Kick | None),
    "debug": msgspec.json.Decoder(Debug),
    "node_ready": msgspec.json.Decoder(NodeReady),
}


def check(action: str, data: str, *, is_server: bool, is_to_oneself: bool = False) -> None:
    """Let a message pass whose sender may send it and whose data is what its action needs.

    Raises:
        Refused: NOT_ALLOWED; BAD_DATA, which names the place.
    """
    is_own_kick = action == KICK and is_to_oneself
    if action in SERVER_ACTIONS and not is_server and not is_own_kick:
        raise Refused(answers.NOT_ALLOWED)
    decoder = _DATA.get(action)
    if decoder is None:
        return
    try:
        decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Refused(answers.BAD_DATA, str(error).replace("|", "or")) from None


def kick_of(data: str) -> Kick:
    """The data of a `kick` that `check` let pass."""
    return _DATA[KICK].decode(data) or Kick()


def kick_text(kick: Kick) -> str:
    """The data of a `kick` as its user gets it: without the secret."""
    return msgspec.json.encode({"why": kick.why}).decode() if kick.why else "null"
