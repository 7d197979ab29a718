"""The end of a room: its state says why, and its record stays for a while.

Source: docs/rooms.md, "The end".
"""

from msgspec import structs

from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import ENDED, Room
from turnserver.messages.items import Item, Moved
from turnserver.protocol.limits import Limits

DIVERGED, LEFT, CLOSED, EXPIRED = "diverged", "left", "closed", "expired"


def end(room: Room, why: str, *, now_ms: int, limits: Limits, before: tuple[Item, ...] = ()) -> Change:
    """The change that ends a room.

    Args:
        room: The room, with all else that changes in it.
        why: One of the four reasons.
        now_ms: The store's clock.
        limits: `room_archive_s` counts.
        before: Items that come before the last one.
    """
    state = f"{ENDED}/{why}"
    ended = structs.replace(room, state=state, ended_ms=now_ms)
    return Change({"room": ended}, (*before, Moved(state)), ttl_ms=archive_ms(limits))


def archive_ms(limits: Limits) -> int:
    """How long a room is kept that has ended."""
    return round(1000 * limits.room_archive_s)


def life_ms(limits: Limits) -> int:
    """How long a room is kept that nobody uses: until it ends by itself, and its record after that."""
    return round(1000 * limits.room_idle_s) + archive_ms(limits)
