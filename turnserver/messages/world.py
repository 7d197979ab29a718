"""The request about the whole server, symbol 70.

Source: docs/protocol.md, "The world".
"""

from typing import NamedTuple


class WorldStats(NamedTuple):
    """WORLD_STATS (70): how many live here, and what was asked since the server started."""
