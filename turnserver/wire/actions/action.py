"""What an action is: one request of the protocol, as JSON has it.

An action over JSON is the request that a line of text would spell: its fields become the four of a line, which the same
parser checks, and what the reply says becomes an object. So no face can do what another cannot.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, ClassVar, NamedTuple, Self, TypeVar

import msgspec
from msgspec import Meta, Struct

from turnserver.messages.reply import Malformed, Reply
from turnserver.messages.requests import Request
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import UNUSED, Symbol
from turnserver.wire import requests
from turnserver.wire.objects import bad_data
from turnserver.wire.paths import text_path
from turnserver.wire.percent import encode

Token = Annotated[str, Meta(description="The secret of a session; better sent as `Authorization: Bearer`.")]
RoomKey = Annotated[str, Meta(description="The room key; may be sent as `Authorization: Bearer`.")]
AnyKey = Annotated[str, Meta(description="The room key or game key, where the channel is `room` or `game`.")]
Cursor = Annotated[str, Meta(description="The newest cursor that was given; `*` is the beginning of what is kept.")]
Title = Annotated[str, Meta(description="The title of the game; empty is the default one.")]
Wait = Annotated[int, Meta(ge=0, description="Seconds to hold the answer until there is something to say.")]
Mark = Annotated[str, Meta(description="Any text of the client's that marks this attempt, or `*`.")]
Username = Annotated[str, Meta(description="The wished name; `*` leaves it to the server.")]


class Who(str, Enum):
    """Who may ask for an action."""

    ANYONE = "anyone"
    USER = "token"
    ACCOUNT = "token of an account"
    REGISTRATION = "pairing key"
    PLAYER = "game key"
    MEMBER = "room key of a member"
    READER = "room key"
    TALKER = "token, room key or game key"
    SENDER = "token or server key"
    SERVER = "server key"


class Line(NamedTuple):
    """The four fields of a line of text behind its symbol."""

    data: str = UNUSED
    key: str = UNUSED
    player: str = UNUSED
    counter: str = UNUSED


class Fields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an action is asked with: a JSON object, a form, or the parameters of a call."""

    right: ClassVar[str | None] = None
    """The field that holds the secret which gives the right to it, if any."""
    places: ClassVar[Mapping[str, str]] = {}
    """What the fields of a line are called here, for errors that name the place."""

    def symbol(self, first: Symbol) -> Symbol:
        """The symbol that they ask for: `first`, the action's, unless the fields choose another."""
        return first

    def line(self) -> Line:
        """The fields of the line that asks for the same.

        Raises:
            Malformed: BAD_DATA: there is no such line.
        """
        return Line()


class Answer(Struct, frozen=True):
    """What an action answers with when it succeeds."""

    @classmethod
    def read(cls, _reply: Reply, _fields: Any) -> Self:
        """The answer that a reply tells.

        Args:
            _reply: The reply; none of an error.
            _fields: What was asked.
        """
        return cls()


class Done(Answer, frozen=True):
    """It is done."""

    done: bool = True


class Action(NamedTuple):
    """One row of the table of actions."""

    symbol: Symbol
    path: str
    summary: str
    who: Who
    fields: type[Fields]
    answer: type[Answer]
    methods: tuple[str, ...] = ("POST",)
    opens_guest: bool = False
    """Who comes without a token gets a guest's session with the answer."""
    also: tuple[Symbol, ...] = ()
    """Further symbols that the fields may choose."""

    @property
    def method(self) -> str:
        """The name of the action in JSON-RPC: its path with dots for slashes."""
        return self.path[1:].replace("/", ".")

    def fields_of(self, given: Mapping[str, Any]) -> Fields:
        """The fields that a JSON object spells.

        Raises:
            BadFields: A field is missing, unknown or of another type.
        """
        return fields_of(given, self.fields)

    def request(self, fields: Fields, limits: Limits) -> tuple[Request, str]:
        """The request that the fields spell, and the title that it is for.

        Raises:
            Malformed: As for the line that would ask for the same.
        """
        title: str = getattr(fields, "title", "")
        if title and ((path := text_path(f"/{title}")) is None or path.title != title):
            raise bad_data("title: not a title")
        line = fields.line()
        try:
            return requests.parse_fields(fields.symbol(self.symbol), *line, limits), title
        except Malformed as malformed:
            place, colon, reason = malformed.details.partition(":")
            raise Malformed(malformed.answer, f"{fields.places.get(place, place)}{colon}{reason}") from None


class BadFields(Malformed):
    """Fields that are not those of the action."""


Wanted = TypeVar("Wanted", bound=Fields)


def fields_of(given: Mapping[str, Any], wanted: type[Wanted]) -> Wanted:
    """The fields that a JSON object spells.

    Raises:
        BadFields: A field is missing, unknown or of another type.
    """
    try:
        return msgspec.convert(given, wanted)
    except msgspec.ValidationError as error:
        raise BadFields(answers.BAD_DATA, encode(str(error))) from None
