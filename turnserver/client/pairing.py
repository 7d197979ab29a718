"""The way from REGISTER to play, as a frozen value: which request comes next, and what its reply means.

    REGISTER -> ask (2) -> MAP_INIT (3) -> MAP_READY (4) -> play

Every request but REGISTER may be repeated; a second REGISTER leaves a registration behind that never asks, so nobody
is paired with it, and it ends by itself. Who lost a partner before play asks again; who lost its registration
registers again, a few times.

Source: docs/protocol.md, "Pairing".
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from turnserver.client.errors import ProtocolError, refusal
from turnserver.client.seat import Seat
from turnserver.messages.relay import MapInit, MapReady, Register, RelayRequest, RequestPair
from turnserver.messages.reply import Malformed, Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import UNUSED
from turnserver.wire import requests

REGISTRATIONS_MAX = 3
"""How often to register for one game. One loss has a reason (a long sleep, a late copy); three are a fault."""


class Role(Enum):
    """Which part the server gave a player: the one whose request made the pair is the "server"."""

    SERVER = "server"
    CLIENT = "client"


class Phase(Enum):
    """What a player asks for next."""

    REGISTER = "register"
    ASK = "ask for a partner"
    LOAD = "load"
    READY = "be ready"


class Paired(NamedTuple):
    """Play begins: this player's seat, and the partner."""

    seat: Seat
    partner: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """How far a player has come."""

    wish: Register
    phase: Phase = Phase.REGISTER
    key: str = ""
    partner: str = ""
    role: Role = Role.CLIENT
    registrations: int = 0

    @property
    def request(self) -> RelayRequest:
        """The request to post now."""
        match self.phase:
            case Phase.REGISTER:
                return self.wish
            case Phase.ASK:
                return RequestPair(self.key)
            case Phase.LOAD:
                return MapInit(self.key)
            case Phase.READY:
                return MapReady(self.key)

    def answered(self, reply: Reply) -> "Pairing | Paired":
        """What a reply to the request means: how far the player is now, or that play begins.

        Raises:
            WantedPartnerDropped: The partner asked for by name went away.
            RegistrationEnded: The registration was lost once too often.
            ServerFull: There is no room for another player or game.
            ProtocolError: Any other answer.
        """
        answer = reply.answer
        if answer in _REGISTER_AGAIN[self.phase] and self.registrations < REGISTRATIONS_MAX:
            return replace(self, phase=Phase.REGISTER)
        if answer not in _EXPECTED[self.phase]:
            raise refusal(reply)
        body = reply.body.decode(errors="replace")
        if answer is answers.REGISTERED:
            return replace(self, phase=Phase.ASK, key=body, registrations=self.registrations + 1)
        if answer in _ROLES and self.phase is Phase.ASK:
            return replace(self, phase=Phase.LOAD, partner=body, role=_ROLES[answer])
        if answer is answers.PLAY:
            return Paired(_seat(body), self.partner, self.role)
        return replace(self, phase=_NEXT.get(answer, self.phase))


_ROLES = {answers.PAIRED_AS_SERVER: Role.SERVER, answers.PAIRED_AS_CLIENT: Role.CLIENT}

_EXPECTED: dict[Phase, tuple[Answer, ...]] = {
    Phase.REGISTER: (answers.REGISTERED,),
    Phase.ASK: (answers.NO_PARTNER_YET, *_ROLES, answers.PARTNER_DROPPED),
    Phase.LOAD: (answers.LOADING_AS_SERVER, answers.LOADING_AS_CLIENT, answers.PARTNER_DROPPED),
    Phase.READY: (answers.PARTNER_LOADS, answers.PLAY, answers.PARTNER_DROPPED),
}

_REGISTER_AGAIN: dict[Phase, tuple[Answer, ...]] = {
    phase: () if phase is Phase.REGISTER else (answers.NOT_REGISTERED, answers.AHEAD_OF_STATE) for phase in Phase
}

_NEXT = {
    answers.LOADING_AS_SERVER: Phase.READY,
    answers.LOADING_AS_CLIENT: Phase.READY,
    answers.PARTNER_DROPPED: Phase.ASK,
}
"""Where these answers lead; after the others the same is asked again."""

_SEATS = {"0": 0, "1": 1}


def _seat(body: str) -> Seat:
    key, bar, player = body.partition("|")
    if not (key and bar and player in _SEATS):
        raise ProtocolError(f"not a game key and a player: {body[:80]!r}")
    return Seat(key=key, player=_SEATS[player])


def wish(name: str, partner: str | None, token: str | None = None) -> Register:
    """The registration of a player, who wants anyone, or one partner by name.

    Args:
        name: What the partner sees.
        partner: The one wanted partner; None is anyone.
        token: A session, whose user's inbox is told of the game; None is nobody's.

    Raises:
        ValueError: The server would refuse one of the names or the token, or would read it differently.
    """
    asked = Register(name, partner, long_timeout=False, token=token)
    names = repr(name) if partner is None else f"{name!r} and {partner!r}"
    if "," in f"{name}{partner}" or partner == UNUSED:
        raise ValueError(f"cannot register {names}: a name holds no comma, and is not `*`")
    try:
        read = requests.parse(requests.line(asked), Limits())
    except (Malformed, UnicodeEncodeError) as error:
        raise ValueError(f"cannot register {names}: {error}") from None
    if read != asked:
        raise ValueError(f"cannot register {names}: a name is not empty, and a token has its 43 letters")
    return asked
