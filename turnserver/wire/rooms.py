"""The lines of rooms, symbols 20 to 29: fields to values for the server, values to fields for the client.

Source: docs/rooms.md, "Requests".
"""

from collections.abc import Callable
from typing import Any

import msgspec

from turnserver.messages.reply import Malformed
from turnserver.messages.rooms import (
    SYMBOLS,
    Filter,
    RoomCreate,
    RoomEvent,
    RoomJoin,
    RoomLeave,
    RoomList,
    RoomPoll,
    RoomReady,
    RoomRequest,
    RoomSetup,
    RoomTurn,
    RoomWatch,
)
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import UNUSED, Symbol
from turnserver.wire import cursor as cursors
from turnserver.wire.names import is_name
from turnserver.wire.numbers import number
from turnserver.wire.objects import bad_data, json_object, json_text
from turnserver.wire.wishes import parse_wishes, wishes_object

Parser = Callable[[str, str, str, str, Limits], Any]
"""`(data, key, player, counter, limits)` to a request."""


def wished_name(text: str, limits: Limits) -> str | None:
    """The name that a client wishes for; None if it leaves that to the server.

    Raises:
        Malformed: BAD_DATA: it is no name.
    """
    if text == UNUSED:
        return None
    if not is_name(text, bytes_max=limits.name_bytes_max):
        raise bad_data("player: not a name")
    return text


def _create(data: str, key: str, player: str, counter: str, limits: Limits) -> RoomCreate:
    wishes = parse_wishes(json_object(data, depth_max=limits.room_config_depth_max), limits)
    return RoomCreate(key, wished_name(player, limits), _mark(counter), wishes)


def _join(data: str, key: str, player: str, counter: str, limits: Limits) -> RoomJoin:
    return RoomJoin(key, wished_name(player, limits), _mark(counter), data)


def _watch(data: str, key: str, _player: str, counter: str, _limits: Limits) -> RoomWatch:
    return RoomWatch(key, _mark(counter), data)


def _setup(data: str, key: str, player: str, counter: str, limits: Limits) -> RoomSetup:
    patch = json_object(data, depth_max=limits.room_config_depth_max)
    return RoomSetup(key, _seat(player), cursors.field(counter), patch)


def _ready(data: str, key: str, player: str, counter: str, _limits: Limits) -> RoomReady:
    if data not in ("0", "1"):
        raise bad_data("data: not 0 or 1")
    return RoomReady(key, _seat(player), cursors.field(counter), data == "1")


def _turn(data: str, key: str, player: str, counter: str, limits: Limits) -> RoomTurn:
    fields = data.split(";", 5)
    if len(fields) < 6:
        raise bad_data("data: fewer than six fields")
    posted, latency, frames, checked, report, commands = fields
    generation = number(posted)
    if not generation:
        raise bad_data("generation: not a number from 1 up")
    compared = _number("checked", checked) if checked else None
    if (compared is None) == bool(report):
        raise bad_data("checked, hash: one without the other")
    if len(report.encode()) > limits.room_hash_bytes_max or len(commands.encode()) > limits.room_commands_bytes_max:
        raise Malformed(answers.TOO_LARGE)
    latency_ms = _number("latency_ms", latency) if latency else None
    framerate = _number("framerate", frames) if frames else None
    seat, cursor = _seat(player), cursors.field(counter)
    return RoomTurn(key, seat, cursor, generation, latency_ms, framerate, compared, report, commands)


def _poll(_data: str, key: str, player: str, counter: str, _limits: Limits) -> RoomPoll:
    return RoomPoll(key, _seat(player), cursors.field(counter))


def _event(data: str, key: str, player: str, counter: str, limits: Limits) -> RoomEvent:
    if not is_name(data, bytes_max=limits.name_bytes_max):
        raise bad_data("data: not the name of an event")
    return RoomEvent(key, _seat(player), cursors.field(counter), data)


def _leave(_data: str, key: str, player: str, _counter: str, _limits: Limits) -> RoomLeave:
    return RoomLeave(key, _seat(player))


class _Filter(msgspec.Struct, forbid_unknown_fields=True):
    engine: str | None = None
    name: str | None = None
    state: str | None = None
    has_seat: bool | None = None


def _list(data: str, key: str, _player: str, _counter: str, limits: Limits) -> RoomList:
    if data == UNUSED:
        return RoomList(key, Filter())
    try:
        given = msgspec.convert(json_object(data, depth_max=limits.room_config_depth_max), _Filter)
    except msgspec.ValidationError as error:
        raise bad_data(str(error)) from None
    if given.state not in (None, "setup", "running"):
        raise bad_data("state: not setup or running")
    return RoomList(key, Filter(given.engine, given.name, given.state, given.has_seat))


PARSERS: dict[str, Parser] = {
    Symbol.ROOM_CREATE.value: _create,
    Symbol.ROOM_JOIN.value: _join,
    Symbol.ROOM_WATCH.value: _watch,
    Symbol.ROOM_SETUP.value: _setup,
    Symbol.ROOM_READY.value: _ready,
    Symbol.ROOM_TURN.value: _turn,
    Symbol.ROOM_POLL.value: _poll,
    Symbol.ROOM_EVENT.value: _event,
    Symbol.ROOM_LEAVE.value: _leave,
    Symbol.ROOM_LIST.value: _list,
}
"""The parsers by symbol."""


def _mark(counter: str) -> str | None:
    return None if counter == UNUSED else counter


def _seat(player: str) -> int | None:
    if player == UNUSED:
        return None
    seat = number(player)
    if seat is None:
        raise bad_data("player: not a seat index or *")
    return seat


def _number(place: str, text: str) -> int:
    value = number(text)
    if value is None:
        raise bad_data(f"{place}: not a number")
    return value


def line(request: RoomRequest) -> str:
    """The line that spells `request`, without a line feed; `requests.parse` gives the request back."""
    match request:
        case RoomCreate(token, name, counter, wishes):
            data = json_text(wishes_object(wishes))
            return f"{Symbol.ROOM_CREATE.value},{data},{token},{name or UNUSED},{counter or UNUSED}"
        case RoomJoin(token, name, counter, room):
            return f"{Symbol.ROOM_JOIN.value},{room},{token},{name or UNUSED},{counter or UNUSED}"
        case RoomWatch(token, counter, room):
            return f"{Symbol.ROOM_WATCH.value},{room},{token},*,{counter or UNUSED}"
        case RoomList(token, wanted):
            given = {name: value for name, value in wanted._asdict().items() if value is not None}
            return f"{Symbol.ROOM_LIST.value},{json_text(given) if given else UNUSED},{token},*,*"
        case RoomLeave(key, seat):
            return f"{Symbol.ROOM_LEAVE.value},*,{key},{_player(seat)},*"
        case _:
            symbol, data = SYMBOLS[type(request)], _data(request)
            counter = cursors.counter_field(request.cursor)
            return f"{symbol.value},{data},{request.key},{_player(request.seat)},{counter}"


def _data(request: RoomSetup | RoomReady | RoomTurn | RoomPoll | RoomEvent) -> str:
    match request:
        case RoomSetup():
            return json_text(request.patch)
        case RoomReady():
            return f"{request.is_ready:d}"
        case RoomEvent():
            return request.event
        case RoomPoll():
            return UNUSED
    numbers = (request.generation, request.latency_ms, request.framerate, request.checked)
    fields = ("" if value is None else f"{value}" for value in numbers)
    return ";".join((*fields, request.hash, request.commands))


def _player(seat: int | None) -> str:
    return UNUSED if seat is None else f"{seat}"
