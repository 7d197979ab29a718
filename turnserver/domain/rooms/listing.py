"""The list of open rooms: newest first, one title at a time.

A room enters its title's stream before it comes into being; what the stream names and is not there, or has ended, is
left out. So nothing has to be kept in step.

    rooms:TITLE    stream "opened": ids of rooms, oldest first

Source: docs/rooms.md, "The list".
"""

from turnserver.domain.rooms.documents import Room, Rules, is_ended, live_seats
from turnserver.domain.rooms.ending import life_ms
from turnserver.messages.rooms import Filter, Listed
from turnserver.partition import Batch, View
from turnserver.protocol.limits import Limits


def list_partition(title: str) -> str:
    """The partition of a title's list."""
    return f"rooms:{title}"


def entered(view: View, room: str, *, limits: Limits) -> Batch:
    """The batch that puts a room into its title's list; the oldest of a long list leave it."""
    upto = view.stream("opened").next + 1 - limits.rooms_listed_max
    release = {"opened": upto} if upto > 0 else {}
    return Batch(append={"opened": (room.encode(),)}, release=release, ttl_ms=2 * life_ms(limits))


def named(view: View) -> list[str]:
    """The ids of a list's rooms, newest first, each once."""
    stream = view.stream("opened")
    return list(dict.fromkeys(entry.decode() for entry in reversed(stream.after(stream.first))))


def listed(view: View, wanted: Filter) -> Listed | None:
    """How a room stands in a list; None for one that has ended or is not wanted."""
    room: Room | None = view.value("room")
    if room is None or is_ended(room):
        return None
    rules: Rules = view.value("rules")
    state, players = room.state.partition("/")[0], len(live_seats(room))
    shown = Filter(rules.engine, rules.name, state, room.began is None and players < rules.most)
    if any(wish is not None and wish != value for wish, value in zip(wanted, shown, strict=True)):
        return None
    return Listed(rules.room, state, players, rules.most, rules.name)
