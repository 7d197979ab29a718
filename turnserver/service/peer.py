"""Who a request comes from: known to the edge, asked for by the few use cases that count by address."""

from collections.abc import Callable
from contextvars import ContextVar


def _nobody() -> str:
    return "-"


PEER: ContextVar[Callable[[], str]] = ContextVar("peer", default=_nobody)
"""Gives the client's address as text. A function, so that most requests never look for it."""


def peer_address() -> str:
    """The address of the client whose request is served."""
    return PEER.get()()
