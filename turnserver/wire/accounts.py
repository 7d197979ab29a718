"""The lines of accounts, symbols 60, 61, 63 to 69 and 71, and the bodies of their replies.

Names and passwords travel percent-encoded, like the fields of items, so a password may hold any character.

Source: docs/accounts.md, "Requests".
"""

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote_to_bytes

from turnserver.messages.accounts import (
    AccountCreate,
    AccountDelete,
    AccountEmail,
    AccountRequest,
    ListedSession,
    Login,
    Logout,
    PasswordChange,
    ResetAsk,
    ResetUse,
    SessionEnd,
    SessionList,
    secret,
)
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import UNUSED, Symbol
from turnserver.wire.names import is_name
from turnserver.wire.numbers import number
from turnserver.wire.objects import bad_data
from turnserver.wire.percent import decode, encode

EMAIL_LETTERS_MAX = 254
"""The longest address that mail can be sent to, by RFC 5321."""

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*")


def _create(data: str, key: str, _player: str, _counter: str, limits: Limits) -> AccountCreate:
    return AccountCreate(_token(key), *_credentials(data, limits))


def _login(data: str, key: str, _player: str, _counter: str, limits: Limits) -> Login:
    return Login(_token(key), *_credentials(data, limits))


def _logout(_data: str, key: str, _player: str, _counter: str, _limits: Limits) -> Logout:
    return Logout(secret(key))


def _change(data: str, key: str, _player: str, _counter: str, limits: Limits) -> PasswordChange:
    old, new = _two(data, "old;new")
    return PasswordChange(secret(key), checked_password(old, limits), checked_password(new, limits))


def _delete(data: str, key: str, _player: str, _counter: str, limits: Limits) -> AccountDelete:
    return AccountDelete(secret(key), checked_password(_text(data), limits))


def _reset_ask(data: str, _key: str, _player: str, _counter: str, limits: Limits) -> ResetAsk:
    return ResetAsk(checked_name(_text(data), limits))


def _reset_use(data: str, _key: str, _player: str, _counter: str, limits: Limits) -> ResetUse:
    reset_token, password = _two(data, "reset token;new password")
    return ResetUse(secret(reset_token), checked_password(password, limits))


def _list(_data: str, key: str, _player: str, _counter: str, _limits: Limits) -> SessionList:
    return SessionList(secret(key))


def _end(data: str, key: str, _player: str, _counter: str, _limits: Limits) -> SessionEnd:
    return SessionEnd(secret(key), None if data == UNUSED else data)


def _email(data: str, key: str, _player: str, _counter: str, limits: Limits) -> AccountEmail:
    password, email = _two(data, "password;address")
    return AccountEmail(secret(key), checked_password(password, limits), checked_email(email))


PARSERS: dict[str, Callable[[str, str, str, str, Limits], AccountRequest]] = {
    Symbol.ACCOUNT_CREATE.value: _create,
    Symbol.LOGIN.value: _login,
    Symbol.LOGOUT.value: _logout,
    Symbol.PASSWORD_CHANGE.value: _change,
    Symbol.ACCOUNT_DELETE.value: _delete,
    Symbol.RESET_ASK.value: _reset_ask,
    Symbol.RESET_USE.value: _reset_use,
    Symbol.SESSION_LIST.value: _list,
    Symbol.SESSION_END.value: _end,
    Symbol.ACCOUNT_EMAIL.value: _email,
}
"""The parsers by symbol: `(data, key, player, counter, limits)` to a request."""


def checked_name(name: str, limits: Limits) -> str:
    """`name`, if it could be an account's.

    Raises:
        Malformed: BAD_DATA.
    """
    if not is_name(name, bytes_max=limits.name_bytes_max):
        raise bad_data(f"name: not 1 to {limits.name_bytes_max} bytes without comma ; | * and control characters")
    return name


def checked_email(email: str) -> str | None:
    """`email`, if mail could be sent there; None if it is empty.

    Source: the form that browsers take, https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address

    Raises:
        Malformed: BAD_DATA.
    """
    if not email:
        return None
    if len(email) > EMAIL_LETTERS_MAX or not _EMAIL.fullmatch(email):
        raise bad_data("address: not one that mail could be sent to")
    return email


def checked_password(password: str, limits: Limits) -> str:
    """`password`, hidden in every repr, if it could be one. Whether a new one is good enough is a rule.

    Raises:
        Malformed: TOO_LARGE.
    """
    if len(password.encode()) > limits.password_bytes_max:
        raise Malformed(answers.TOO_LARGE)
    return secret(password)


def _token(key: str) -> str | None:
    return None if key == UNUSED else secret(key)


def _credentials(data: str, limits: Limits) -> tuple[str, str]:
    name, password = _two(data, "name;password")
    return checked_name(name, limits), checked_password(password, limits)


def _two(data: str, form: str) -> tuple[str, str]:
    fields = data.split(";")
    if len(fields) != 2:
        raise bad_data(f"data: not {form}")
    return _text(fields[0]), _text(fields[1])


def _text(field: str) -> str:
    try:
        return unquote_to_bytes(field).decode()
    except UnicodeDecodeError:
        raise bad_data("data: not UTF-8") from None


def line(request: AccountRequest) -> str:
    """The line that spells `request`, without a line feed; `requests.parse` gives the request back."""
    match request:
        case AccountCreate(token, name, password):
            return _line(Symbol.ACCOUNT_CREATE, token or UNUSED, name, password)
        case Login(token, name, password):
            return _line(Symbol.LOGIN, token or UNUSED, name, password)
        case Logout(token):
            return _line(Symbol.LOGOUT, token, UNUSED)
        case PasswordChange(token, old, new):
            return _line(Symbol.PASSWORD_CHANGE, token, old, new)
        case AccountDelete(token, password):
            return _line(Symbol.ACCOUNT_DELETE, token, password)
        case ResetAsk(name):
            return _line(Symbol.RESET_ASK, UNUSED, name)
        case ResetUse(reset_token, password):
            return _line(Symbol.RESET_USE, UNUSED, reset_token, password)
        case AccountEmail(token, password, email):
            return _line(Symbol.ACCOUNT_EMAIL, token, password, email or "")
        case SessionList(token):
            return _line(Symbol.SESSION_LIST, token, UNUSED)
        case _:
            return _line(Symbol.SESSION_END, request.token, request.session or UNUSED)


def _line(symbol: Symbol, key: str, *data: str) -> str:
    return f"{symbol.value},{';'.join(map(encode, data))},{key},*,*"


def session_body(token: str, seconds: int) -> bytes:
    """`TOKEN|SECONDS`."""
    return f"{token}|{seconds}".encode()


def parse_session(body: bytes) -> tuple[str, int]:
    """What `session_body` was given.

    Raises:
        ValueError: It is no such body.
    """
    token, seconds = body.decode().split("|")
    return token, int(seconds)


def sessions_body(sessions: Sequence[ListedSession]) -> bytes:
    """`ID;OPENED_MS;ADDRESS;MINE|...`; MINE is 1 for the session that asks, else 0."""
    items = (f"{one.id};{one.opened_ms};{encode(one.address)};{one.is_mine:d}" for one in sessions)
    return "|".join(items).encode()


def parse_sessions(body: bytes) -> list[ListedSession]:
    """What `sessions_body` was given.

    Raises:
        ValueError: It is no such body.
    """
    return [_session(item) for item in body.decode().split("|")]


def _session(text: str) -> ListedSession:
    name, opened, address, is_mine = text.split(";")
    opened_ms = number(opened)
    if opened_ms is None or is_mine not in ("0", "1"):
        raise ValueError(f"not a session: {text[:80]!r}")
    return ListedSession(name, opened_ms, decode(address), is_mine == "1")
