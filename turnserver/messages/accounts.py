"""The requests of accounts, symbols 60, 61, 63 to 69 and 71, and their answers.

Passwords and names are as the client meant them: decoded, not yet compared. A repr shows no secret.

Source: docs/accounts.md, "Requests".
"""

from typing import NamedTuple


class _Secret(str):
    """Text that a log or a traceback must not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'...'"


def secret(text: str) -> str:
    """`text`, equal to itself and hidden in every repr."""
    return _Secret(text)


class AccountCreate(NamedTuple):
    """ACCOUNT_CREATE (60): a new account. `token` is a guest's, who becomes the account; None for nobody yet."""

    token: str | None
    name: str
    password: str


class Login(NamedTuple):
    """LOGIN (61): a session of an account.

    `token` is one that this client once had for the account, also if it is over, or None. It gives no right; it only
    sets its holder apart from strangers who guess.
    """

    token: str | None
    name: str
    password: str


class Logout(NamedTuple):
    """LOGOUT (63): end this session."""

    token: str


class PasswordChange(NamedTuple):
    """PASSWORD_CHANGE (64): set a new password; all other sessions end."""

    token: str
    old: str
    new: str


class AccountDelete(NamedTuple):
    """ACCOUNT_DELETE (65): delete the account; all its sessions end."""

    token: str
    password: str


class ResetAsk(NamedTuple):
    """RESET_ASK (66): send a reset token to whoever has the account of that name, if there is one."""

    name: str


class ResetUse(NamedTuple):
    """RESET_USE (67): set a new password by a reset token, which works once; all sessions end."""

    reset_token: str
    password: str


class SessionList(NamedTuple):
    """SESSION_LIST (68): the open sessions of my account."""

    token: str


class SessionEnd(NamedTuple):
    """SESSION_END (69): end a session of my account, by its id; None for all but this one."""

    token: str
    session: str | None


class AccountEmail(NamedTuple):
    """ACCOUNT_EMAIL (71): where reset tokens are mailed to; None for nowhere."""

    token: str
    password: str
    email: str | None


class ListedSession(NamedTuple):
    """One of one's own sessions, as SESSION_LIST shows it."""

    id: str
    opened_ms: int
    """Unix milliseconds."""
    address: str
    is_mine: bool
    """True for the session that asks."""


AccountRequest = (
    AccountCreate
    | Login
    | Logout
    | PasswordChange
    | AccountDelete
    | ResetAsk
    | ResetUse
    | SessionList
    | SessionEnd
    | AccountEmail
)
