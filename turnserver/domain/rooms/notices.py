"""What a room's members find in their inboxes: who joined, who left, and that the room has ended.

Source: docs/messages.md, "Events".
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import ENDED, Room, Rules
from turnserver.messages.items import Item, Joined, Left, Moved
from turnserver.partition import View


class Notice(NamedTuple):
    """An event for some users; `data` is JSON."""

    users: tuple[str, ...]
    action: str
    data: str


def notices(view: View, change: Change) -> list[Notice]:
    """What is to be told of a change, besides in the room itself.

    Args:
        view: The room before the change.
        change: What happened. A new room tells nobody: nobody is in it yet.
    """
    room: Room | None = view.value("room")
    told = [item for item in change.items if isinstance(item, Joined | Left | Moved)]
    if room is None or not told:
        return []
    rules: Rules = view.value("rules")
    found = (_notice(rules.room, room, item) for item in told)
    return [notice for notice in found if notice is not None]


def _notice(room_id: str, room: Room, item: Item) -> Notice | None:
    match item:
        case Joined(seat, name):
            return _told(room, seat, "room_joined", {"room": room_id, "index": seat, "name": name})
        case Left(seat, why):
            member = room.members[seat]
            name = "" if member is None else member.name
            return _told(room, seat, "room_left", {"room": room_id, "index": seat, "name": name, "why": why})
        case Moved(state) if state.startswith(f"{ENDED}/"):
            return _told(room, None, "room_ended", {"room": room_id, "why": state.removeprefix(f"{ENDED}/")})
        case _:
            return None


def _told(room: Room, seat: int | None, action: str, data: Mapping[str, object]) -> Notice:
    """The notice for all members but the one that it is about."""
    others = [member for index, member in enumerate(room.members) if member is not None and index != seat]
    return Notice(tuple(member.user for member in others), action, msgspec.json.encode(data).decode())
