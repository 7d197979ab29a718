"""Actions of the relay, symbols 0 to 6: finding a partner, and play.

Source: docs/json.md; docs/protocol.md, "Pairing" and "Counters".
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from msgspec import UNSET, Meta, UnsetType

from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.symbols import LONG_TIMEOUT_KEY, UNUSED, Symbol
from turnserver.wire.actions.action import Action, Answer, Done, Fields, Line, Title, Wait, Who

PairingKey = Annotated[str, Meta(description="The secret of a registration; may be sent as `Authorization: Bearer`.")]
GameKey = Annotated[str, Meta(description="The secret of a player in a game; may be sent as `Authorization: Bearer`.")]
Role = Literal["server", "client"]


class PlayRegister(Fields, frozen=True, kw_only=True):
    """A name that wants a partner."""

    right: ClassVar[str | None] = "token"
    places: ClassVar[Mapping[str, str]] = {"counter": "token"}
    token: Annotated[str, Meta(description="The session whose inbox is told of a partner and of the game's end.")] = ""
    name: str
    partner: Annotated[str, Meta(description="The one wanted partner, or `*` for anyone.")] = UNUSED
    long: Annotated[bool, Meta(description="Whether the registration has the long time-out.")] = False
    title: Title = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(self.name, LONG_TIMEOUT_KEY if self.long else UNUSED, self.partner, self.token or UNUSED)


class Registration(Fields, frozen=True, kw_only=True):
    """One's registration."""

    right: ClassVar[str | None] = "key"
    key: PairingKey = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(key=self.key)


class WaitingRegistration(Registration, frozen=True, kw_only=True):
    """One's registration, and patience."""

    wait: Wait = 0


class PlayUpdate(Fields, frozen=True, kw_only=True):
    """An update for the partner, or with empty data a poll."""

    right: ClassVar[str | None] = "key"
    key: GameKey = ""
    player: Annotated[int, Meta(description="My player number, 0 or 1.")]
    counter: Annotated[int, Meta(description="My counter; the first is 0.")]
    received: Annotated[int | None, Meta(description="How many updates I have, for the exact form.")] = None
    data: Annotated[str, Meta(description="Opaque; a bar in it divides it in two.")] = ""
    wait: Wait = 0

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(self.data, self.key, f"{self.player}", _counter(self.counter, self.received))


class PlayQuit(Fields, frozen=True, kw_only=True):
    """The end of the game."""

    right: ClassVar[str | None] = "key"
    key: GameKey = ""
    player: Annotated[int, Meta(description="My player number, 0 or 1.")]
    counter: Annotated[int, Meta(description="My counter, the latest or the next.")]
    received: Annotated[int | None, Meta(description="How many updates I have, for the exact form.")] = None

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(UNUSED, self.key, f"{self.player}", _counter(self.counter, self.received))


class Registered(Answer, frozen=True):
    """A registration."""

    key: PairingKey

    @classmethod
    def read(cls, reply: Reply, _fields: Fields) -> Self:
        """See `Answer.read`."""
        return cls(reply.body.decode())


class Pairing(Answer, frozen=True):
    """Whether there is a partner. `partner` and `role` are there once there is one."""

    state: Literal["waiting", "paired", "unregistered"]
    partner: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET

    @classmethod
    def read(cls, reply: Reply, _fields: Fields) -> Self:
        """See `Answer.read`."""
        if reply.answer is answers.UNREGISTERED:
            return cls("unregistered")
        if reply.answer is answers.NO_PARTNER_YET:
            return cls("waiting")
        return cls("paired", reply.body.decode(), _role(reply, answers.PAIRED_AS_SERVER))


class Loading(Answer, frozen=True):
    """That one loads, and the `role` that one plays, unless the registration was ended."""

    state: Literal["loading", "unregistered"]
    role: Role | UnsetType = UNSET

    @classmethod
    def read(cls, reply: Reply, _fields: Fields) -> Self:
        """See `Answer.read`."""
        if reply.answer is answers.UNREGISTERED:
            return cls("unregistered")
        return cls("loading", _role(reply, answers.LOADING_AS_SERVER))


class Readiness(Answer, frozen=True):
    """Whether play has begun. `key` and `player` are there once it has."""

    state: Literal["loading", "playing", "unregistered"]
    key: GameKey | UnsetType = UNSET
    player: Annotated[int, Meta(description="My player number, 0 or 1.")] | UnsetType = UNSET

    @classmethod
    def read(cls, reply: Reply, _fields: Fields) -> Self:
        """See `Answer.read`."""
        if reply.answer is answers.UNREGISTERED:
            return cls("unregistered")
        if reply.answer is answers.PARTNER_LOADS:
            return cls("loading")
        key, player = reply.body.decode().split("|")
        return cls("playing", key, int(player))


class Updates(Answer, frozen=True):
    """The partner's updates, oldest first: the new ones or, if `repeated`, all that are not acknowledged yet."""

    updates: tuple[str, ...]
    repeated: bool

    @classmethod
    def read(cls, reply: Reply, _fields: Fields) -> Self:
        """See `Answer.read`."""
        if reply.answer is answers.NOTHING_NEW:
            return cls((), repeated=False)
        return cls(tuple(reply.body.decode().split("|")), repeated=reply.answer is answers.UNACKNOWLEDGED)


def _counter(sent: int, received: int | None) -> str:
    return f"{sent}" if received is None else f"{sent}.{received}"


def _role(reply: Reply, as_server: answers.Answer) -> Role:
    return "server" if reply.answer is as_server else "client"


ACTIONS = (
    Action(Symbol.REGISTER, "/play/register", "Look for a partner", Who.ANYONE, PlayRegister, Registered),
    Action(Symbol.UNREGISTER, "/play/unregister", "End a registration", Who.REGISTRATION, Registration, Done),
    Action(Symbol.REQUEST_PAIR, "/play/pair", "Ask for a partner", Who.REGISTRATION, WaitingRegistration, Pairing),
    Action(Symbol.MAP_INIT, "/play/load", "Say that one loads", Who.REGISTRATION, Registration, Loading),
    Action(
        Symbol.MAP_READY, "/play/ready", "Say that one has loaded", Who.REGISTRATION, WaitingRegistration, Readiness
    ),
    Action(Symbol.GAME_UPDATE, "/play/update", "Send an update, or poll", Who.PLAYER, PlayUpdate, Updates),
    Action(Symbol.GAME_QUIT, "/play/quit", "Leave the game", Who.PLAYER, PlayQuit, Done),
)
"""The family's rows."""
