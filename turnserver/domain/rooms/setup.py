"""Set-up: the configuration changes, all get ready, the game begins.

Source: docs/rooms.md, "Set-up"; RFC 7396 (JSON merge patch).
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import structs

from turnserver.domain.rooms import acts
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.chart import first_state
from turnserver.domain.rooms.documents import RUNNING, SETUP, Config, Member, Pace, Room, Rules
from turnserver.messages.cursor import Cursor
from turnserver.messages.items import Configured, Item, Moved, Readied
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import RoomReady, RoomSetup
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol

_SETUP, _READY = Symbol.ROOM_SETUP.value, Symbol.ROOM_READY.value


def configure(view: View, index: int, request: RoomSetup, *, digest: str, limits: Limits) -> Change | None:
    """Change the configuration; who was ready no longer is.

    Args:
        view: The room.
        index: The seat that changes it.
        request: The patch.
        digest: The patch, digested.
        limits: `room_config_bytes_max` counts.

    Returns:
        The change, or None for a repeat and for a patch that changes nothing.

    Raises:
        Refused: WRONG_STATE after set-up, TOO_LARGE, or TOO_OLD for a late copy.
    """
    room: Room = view.value("room")
    if acts.is_repeat(_member(room, index), _SETUP, request.cursor, digest):
        return None
    _must_be_in_setup(room)
    config: Config = view.value("config")
    text = msgspec.json.encode(merged(msgspec.json.decode(config.text), request.patch)).decode()
    if len(text.encode()) > limits.room_config_bytes_max:
        raise Refused(answers.TOO_LARGE)
    if text == config.text:
        return None
    changed = _remembering(room, index, _SETUP, request.cursor, digest)
    unready = tuple(None if one is None else structs.replace(one, is_ready=False) for one in changed.members)
    put = {"room": structs.replace(changed, members=unready), "config": Config(text, view.counter("items") + 1)}
    return Change(put, (Configured(text),))


def ready(view: View, index: int, request: RoomReady) -> Change | None:
    """Note that a seat is ready, or no longer; the game begins when all are who are there.

    Returns:
        The change, or None for a repeat, for what is so already, and for who has not seen the newest configuration.

    Raises:
        Refused: WRONG_STATE after set-up, or TOO_OLD for a late copy.
    """
    room: Room = view.value("room")
    member, digest = _member(room, index), f"{request.is_ready:d}"
    if acts.is_repeat(member, _READY, request.cursor, digest):
        return None
    _must_be_in_setup(room)
    if member.is_ready == request.is_ready:
        return None
    seen = 0 if request.cursor is None else request.cursor.offset
    if request.is_ready and seen < view.value("config").at:
        return None
    remembering = _remembering(room, index, _READY, request.cursor, digest)
    changed = with_member(remembering, index, structs.replace(_member(remembering, index), is_ready=request.is_ready))
    return begun(view, changed, (Readied(index, request.is_ready),))


def begun(view: View, room: Room, items: tuple[Item, ...]) -> Change:
    """The change to `room`; the game begins with it if all are ready who are there, and enough are.

    Args:
        view: The room as it was.
        room: The room in set-up as it will be.
        items: What is told of the change.
    """
    rules: Rules = view.value("rules")
    present = [member for member in room.members if member is not None]
    if len(present) < rules.least or not all(member.is_ready for member in present):
        return Change({"room": room}, items)
    state = first_state(msgspec.json.decode(rules.chart), RUNNING)
    told = (*items, Moved(state))
    running = structs.replace(room, state=state, began=view.counter("items") + len(told))
    return Change({"room": running, "pace": Pace(0, view.now_ms, 1, rules.turn_ms)}, told)


def merged(target: Any, patch: Any) -> Any:
    """What a JSON merge patch makes of a value; null takes a member away.

    Source: RFC 7396, section 2.
    """
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def with_member(room: Room, index: int, member: Member | None) -> Room:
    """The room with another member, or nobody, in a seat."""
    members = (*room.members[:index], member, *room.members[index + 1 :])
    return structs.replace(room, members=members)


def _must_be_in_setup(room: Room) -> None:
    """Let no change pass after set-up; a repeat of one from before is no change."""
    if not room.state.startswith(SETUP):
        raise Refused(answers.WRONG_STATE)


def _member(room: Room, index: int) -> Member:
    member = room.members[index]
    assert member is not None
    return member


def _remembering(room: Room, index: int, symbol: str, cursor: Cursor | None, digest: str) -> Room:
    return with_member(room, index, acts.remembering(_member(room, index), symbol, cursor, digest))
