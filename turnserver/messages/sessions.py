"""The requests of sessions, symbols 60 to 69.

Source: docs/protocol.md, "Accounts".
"""

from typing import NamedTuple


class Guest(NamedTuple):
    """GUEST (62): a new session without an account."""


class Opened(NamedTuple):
    """The answer to GUEST: the secret of a session, how long it lives when nobody uses it, and the guest's name."""

    token: str
    seconds: int
    name: str
