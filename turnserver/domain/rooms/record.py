"""The record of a room: everything from its creation to its end, as one list of events in the order of time.

Nothing is written for it but the times of items and the refusals; the rest is what the room keeps anyway.

Source: docs/rooms.md, "The record".
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import Any

import msgspec

from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import (
    REPORTS,
    Refusal,
    Report,
    Room,
    Rules,
    is_ended,
    packed,
    refusal_of,
    report_of,
)
from turnserver.domain.rooms.seating import seat_of
from turnserver.messages.items import Configured, Diverged, Item, Joined, Lagging, Left, Moved, Packet, Readied
from turnserver.messages.reply import Refused
from turnserver.messages.rooms import Readers
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits

Event = Mapping[str, Any]
"""One line of the record: `at_ms` (the server's clock), `kind`, and what the kind has."""


def refused(view: View, index: int, symbol: str, answer: Answer, *, limits: Limits) -> Change | None:
    """Note in the record that a member was refused something; None when enough of that was noted."""
    if view.counter("refusals") >= limits.room_refusals_max:
        return None
    entry = packed(Refusal(view.now_ms, index, symbol, answer.code))
    return Change(append={"refusals": (entry,)})


def readable(view: View, *, user: str | None, digest: str, is_program: bool = False) -> bool:
    """True for who may read all of the record now, False for who may read what viewers see.

    Args:
        view: The room.
        user: Whose session token was shown, None for none.
        digest: The SHA-256 of what was shown.
        is_program: Whether that is a server key: programs that look after games may read all.

    Raises:
        Refused: NOT_THERE; NO_RIGHT for a stranger to a room of `members`; NOT_ALLOWED for one to a running room that
            has no viewers.
    """
    room: Room | None = view.value("room")
    if room is None:
        raise Refused(answers.NOT_THERE)
    rules: Rules = view.value("rules")
    keys = {member.key for member in room.members if member is not None}
    if is_program or digest in keys or (user is not None and seat_of(room, user) is not None):
        return True
    is_viewer = any(one.key == digest or one.user == user for one in view.value("viewers").viewers)
    if not is_viewer and rules.archive is Readers.MEMBERS:
        raise Refused(answers.NO_RIGHT if user is None else answers.NOT_ALLOWED)
    if not is_viewer and rules.viewers is None and not is_ended(room):
        raise Refused(answers.NOT_ALLOWED)
    return is_ended(room)


def events(view: View, items: Iterator[tuple[int, Item]], *, upto_ms: int | None) -> Iterator[Event]:
    """The record's events in the order of time.

    Args:
        view: The room.
        items: The room's items that may be shown, each with its time.
        upto_ms: Reports and refusals later than this are not shown; None shows all.
    """
    room: Room = view.value("room")
    beside = [_reports(view, index) for index in range(len(room.members))]
    told = merge(*beside, _refusals(view), key=_time)
    shown = (event for event in told if upto_ms is None or event["at_ms"] <= upto_ms)
    yield _created(view.value("rules"))
    # At the same moment a report comes first: a packet or a divergence may follow from it.
    yield from merge(shown, (_event(at_ms, item) for at_ms, item in items), key=_time)


def _time(event: Event) -> int:
    at_ms: int = event["at_ms"]
    return at_ms


def _created(rules: Rules) -> Event:
    return {
        "at_ms": rules.created_ms,
        "kind": "created",
        "room": rules.room,
        "engine": rules.engine,
        "seed": rules.seed,
        "name": rules.name,
        "players": [rules.least, rules.most],
        "states": msgspec.Raw(rules.chart.encode()),
        "turn_ms": rules.turn_ms,
        "lookahead": rules.lookahead,
        "silence_s": rules.silence_ms // 1000,
        "on_silence": rules.on_silence.value,
    }


def _reports(view: View, index: int) -> Iterator[Event]:
    stream = view.stream(REPORTS[index])
    for entry in stream.after(stream.first):
        report: Report = report_of(entry)
        yield {
            "at_ms": report.at_ms,
            "kind": "reported",
            "seat": index,
            "generation": report.generation,
            "checked": report.checked,
            "hash": report.hash,
            "latency_ms": report.latency_ms,
            "framerate": report.framerate,
        }


def _refusals(view: View) -> Iterator[Event]:
    stream = view.stream("refusals")
    for entry in stream.after(stream.first):
        refusal: Refusal = refusal_of(entry)
        yield {
            "at_ms": refusal.at_ms,
            "kind": "refused",
            "seat": refusal.seat,
            "symbol": refusal.symbol,
            "error": refusal.code,
        }


def _event(at_ms: int, item: Item) -> Event:
    """An item as an event of the record."""
    match item:
        case Configured(config):
            return {"at_ms": at_ms, "kind": "configured", "config": msgspec.Raw(config.encode())}
        case Diverged():
            told: Event = {**item._asdict(), "hashes": {f"{seat}": one for seat, one in item.hashes}}
            return {"at_ms": at_ms, "kind": _KINDS[type(item)], **told}
    return {"at_ms": at_ms, "kind": _KINDS[type(item)], **item._asdict()}


_KINDS: Mapping[type, str] = {
    Joined: "joined",
    Left: "left",
    Readied: "readied",
    Moved: "moved",
    Packet: "packet",
    Diverged: "diverged",
    Lagging: "lagging",
}
