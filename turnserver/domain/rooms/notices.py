"""What users find in their inboxes, and in the topic of rooms: who joined, who left, new rooms, and ended ones.

Source: docs/messages.md, "Events".
"""

from collections.abc import Mapping

import msgspec

from turnserver.domain.owed import Owed
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import ENDED, Room, Rules
from turnserver.domain.topics import ROOMS, topic_partition
from turnserver.messages.items import Item, Joined, Left, Moved
from turnserver.partition import View


def notices(view: View, change: Change) -> list[Owed]:
    """What is to be told of a change, besides in the room itself.

    Args:
        view: The room before the change.
        change: What happened. Of a new room the topic of rooms is told: nobody is in it yet.
    """
    if not change.items:
        return []  # nearly every time
    if not view.documents:
        return [_created(change.put["rules"])]
    told = [item for item in change.items if isinstance(item, Joined | Left | Moved)]
    found = (_notice(view.value("rules"), view.value("room"), item) for item in told)
    return [notice for notice in found if notice is not None]


def _created(rules: Rules) -> Owed:
    data = {"room": rules.room, "name": rules.name, "engine": rules.engine, "players": [rules.least, rules.most]}
    return Owed(_source(rules), "room_created", _json(data), topic=topic_partition(rules.title, ROOMS))


def _notice(rules: Rules, room: Room, item: Item) -> Owed | None:
    match item:
        case Joined(seat, name):
            return _told(rules, room, seat, "room_joined", {"room": rules.room, "index": seat, "name": name})
        case Left(seat, why):
            member = room.members[seat]
            name = "" if member is None else member.name
            data = {"room": rules.room, "index": seat, "name": name, "why": why}
            return _told(rules, room, seat, "room_left", data)
        case Moved(state) if state.startswith(f"{ENDED}/"):
            why = state.removeprefix(f"{ENDED}/")
            return _told(rules, room, None, "room_ended", {"room": rules.room, "why": why})
        case _:
            return None


def _told(rules: Rules, room: Room, seat: int | None, action: str, data: Mapping[str, object]) -> Owed:
    """The event for all members but the one that it is about."""
    others = [member for index, member in enumerate(room.members) if member is not None and index != seat]
    return Owed(_source(rules), action, _json(data), tuple(member.user for member in others))


def _source(rules: Rules) -> str:
    """Tells rooms apart that had the same id one after the other."""
    return f"room:{rules.room}{rules.epoch}{rules.created_ms}"


def _json(data: Mapping[str, object]) -> str:
    return msgspec.json.encode(data).decode()
