"""How far a client has come in a list that it polls."""

from typing import NamedTuple


class Cursor(NamedTuple):
    """A place in a list: the offset of the next item, and the epoch of the list, which a lost one does not share."""

    epoch: str
    offset: int
