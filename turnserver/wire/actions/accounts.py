"""Actions of accounts and sessions, symbols 60 to 69 and 71.

Source: docs/json.md; docs/accounts.md.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from msgspec import Meta, Struct

from turnserver.messages.reply import Reply
from turnserver.protocol.symbols import UNUSED, Symbol
from turnserver.wire.accounts import parse_session, parse_sessions
from turnserver.wire.actions.action import Action, Answer, Done, Fields, Line, Token, Who
from turnserver.wire.objects import bad_data
from turnserver.wire.percent import encode
from turnserver.wire.room_replies import parse_opened

Name = Annotated[str, Meta(description="The account's name.")]
Password = Annotated[str, Meta(description="Any text; a new one has 8 to 256 bytes.")]
Seconds = Annotated[int, Meta(description="Seconds that the session lives unused.")]


class Credentials(Fields, frozen=True, kw_only=True):
    """A name and a password; the token, where there is one, is a guest's or one of before."""

    right: ClassVar[str | None] = "token"
    username: Name
    password: Password
    token: Token = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(f"{encode(self.username)};{encode(self.password)}", self.token or UNUSED)


class OwnSession(Fields, frozen=True, kw_only=True):
    """One's session."""

    right: ClassVar[str | None] = "token"
    token: Token = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(key=self.token)


class ResetPassword(Fields, frozen=True, kw_only=True):
    """Whose password is to be reset, to ask; the token that came and the new password, to use it."""

    username: Name = ""
    reset_token: Annotated[str, Meta(description="The token that the account's owner was given.")] = ""
    password: Password = ""

    def symbol(self, _first: Symbol) -> Symbol:
        """See `Fields.symbol`."""
        return Symbol.RESET_USE if self.reset_token else Symbol.RESET_ASK

    def line(self) -> Line:
        """See `Fields.line`."""
        if self.reset_token and self.username:
            raise bad_data("username, reset_token: one or the other")
        if self.reset_token:
            return Line(f"{encode(self.reset_token)};{encode(self.password)}")
        return Line(encode(self.username))


class ChangePassword(OwnSession, frozen=True, kw_only=True):
    """The password until now, and the new one."""

    old_password: Password
    password: Password

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(f"{encode(self.old_password)};{encode(self.password)}", self.token)


class DeleteCharacter(OwnSession, frozen=True, kw_only=True):
    """The password of the account that is to be deleted."""

    password: Password

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(encode(self.password), self.token)


class ChangeEmail(OwnSession, frozen=True, kw_only=True):
    """The password, and where reset tokens are mailed to."""

    password: Password
    email: Annotated[str, Meta(description="An address; empty for none.")] = ""

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(f"{encode(self.password)};{encode(self.email)}", self.token)


class EndSession(OwnSession, frozen=True, kw_only=True):
    """Which session of one's account is to end."""

    places: ClassVar[Mapping[str, str]] = {"data": "session"}
    session: Annotated[str, Meta(description="Its id; `*` is all but this one.")] = UNUSED

    def line(self) -> Line:
        """See `Fields.line`."""
        return Line(self.session, self.token)


class GuestSession(Answer, frozen=True):
    """A session for a guest."""

    token: Token
    expires_in: Seconds
    username: str

    @classmethod
    def read(cls, reply: Reply, _fields: Any) -> Self:
        """See `Answer.read`."""
        return cls(*parse_opened(reply.body))


class AccountSession(Answer, frozen=True):
    """A session of an account."""

    token: Token
    expires_in: Seconds

    @classmethod
    def read(cls, reply: Reply, _fields: Any) -> Self:
        """See `Answer.read`."""
        return cls(*parse_session(reply.body))


class OpenSession(Struct, frozen=True):
    """One of one's sessions: since when (milliseconds since 1970, UTC) and from which address it was opened."""

    id: str
    opened_ms: int
    address: str
    is_mine: Annotated[bool, Meta(description="True for the session that asks.")]


class OpenSessions(Answer, frozen=True):
    """The open sessions of one's account, oldest first."""

    sessions: tuple[OpenSession, ...]

    @classmethod
    def read(cls, reply: Reply, _fields: Any) -> Self:
        """See `Answer.read`."""
        return cls(tuple(OpenSession(*one) for one in parse_sessions(reply.body)))


_SESSIONS = "/account/sessions"

ACTIONS = (
    Action(Symbol.ACCOUNT_CREATE, "/register", "Make an account", Who.ANYONE, Credentials, AccountSession),
    Action(Symbol.LOGIN, "/auth", "Log in", Who.ANYONE, Credentials, AccountSession),
    Action(Symbol.GUEST, "/guest", "Open a session without an account", Who.ANYONE, Fields, GuestSession),
    Action(Symbol.LOGOUT, "/logout", "End this session", Who.USER, OwnSession, Done),
    Action(
        Symbol.RESET_ASK,
        "/reset-password",
        "Ask for a reset of a password, or use it",
        Who.ANYONE,
        ResetPassword,
        Done,
        also=(Symbol.RESET_USE,),
    ),
    Action(Symbol.PASSWORD_CHANGE, "/account/password", "Change the password", Who.ACCOUNT, ChangePassword, Done),
    Action(Symbol.ACCOUNT_EMAIL, "/account/email", "Set where resets are mailed to", Who.ACCOUNT, ChangeEmail, Done),
    Action(Symbol.ACCOUNT_DELETE, "/delete-character", "Delete the account", Who.ACCOUNT, DeleteCharacter, Done),
    Action(
        Symbol.SESSION_LIST,
        _SESSIONS,
        "List the account's sessions",
        Who.ACCOUNT,
        OwnSession,
        OpenSessions,
        ("GET", "POST"),
    ),
    Action(Symbol.SESSION_END, f"{_SESSIONS}/end", "End sessions of the account", Who.ACCOUNT, EndSession, Done),
)
"""The family's rows."""
