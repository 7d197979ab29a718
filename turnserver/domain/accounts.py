"""Accounts: which names and passwords are good, and what is known of an account.

Source: docs/accounts.md, "Names and passwords".
"""

import unicodedata
from enum import Enum
from typing import NamedTuple

from turnserver.domain.sessions import guest_named
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

NAME_LETTERS_MAX = 200
"""A name, and the name as it is compared: what the records hold, with the words that stand before it in the audit."""


class Account(NamedTuple):
    """An account as it was when it was looked up. `user` is who it is in rooms and inboxes, and never changes."""

    id: int
    user: str
    name: str
    password: str
    """argon2id."""
    since: int
    """The offset of the first broadcast that its inbox gets."""
    email: str | None = None
    """Where reset tokens are mailed to."""


class NewAccount(NamedTuple):
    """An account about to be made; `guest` is the SHA-256 of the token of the guest who becomes it, if one does."""

    user: str
    name: str
    password: str
    since: int
    guest: str | None


class NewSession(NamedTuple):
    """A session about to be opened: its public id, the SHA-256 of its token, and where from."""

    id: str
    digest: str
    address: str


class Made(Enum):
    """How the making of an account went."""

    DONE = "done"
    NAME_TAKEN = "name taken"
    USER_TAKEN = "this guest has become an account already"


def name_key(name: str) -> str:
    """The name as it is compared: letters that differ only in case or width are the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def check_new_name(name: str) -> None:
    """Let a new account's name pass, or not.

    Raises:
        Refused: BAD_DATA, for names that others could take for a guest's or a relay player's, and for those that are
            too long once each letter is spelled out: one of three bytes may stand for eighteen.
    """
    key = name_key(name)
    if max(len(name), len(key)) > NAME_LETTERS_MAX:
        raise Refused(answers.BAD_DATA, f"name: more than {NAME_LETTERS_MAX} letters as it is compared")
    if key.startswith("~") or guest_named(key) is not None:
        raise Refused(answers.BAD_DATA, "name: begins with ~ or guest-")
    if not key.strip():
        raise Refused(answers.BAD_DATA, "name: empty")


def comparable(password: str) -> str:
    """The password as it is hashed: the same characters, whichever way a keyboard composes them."""
    return unicodedata.normalize("NFKC", password)


def check_new_password(password: str, *, name: str, limits: Limits) -> None:
    """Let a new password pass, or not.

    Raises:
        Refused: BAD_DATA, with the reason.
    """
    if len(password.encode()) < limits.password_bytes_min:
        raise Refused(answers.BAD_DATA, f"password: less than {limits.password_bytes_min} bytes")
    if name_key(password) == name_key(name):
        raise Refused(answers.BAD_DATA, "password: the same as the name")
