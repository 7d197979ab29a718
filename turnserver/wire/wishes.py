"""What a room is to be, as a client writes it: a JSON object, checked field by field.

Source: docs/rooms.md, "Creating a room".
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from turnserver.messages.rooms import OnSilence, Readers, Wishes
from turnserver.protocol.limits import ROOM_SILENCE_S_MIN, Limits
from turnserver.wire.objects import bad_data


class WishesFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of the object. What they mean, and their ranges, is in docs/rooms.md."""

    engine: str
    seed: str
    players: tuple[int, int]
    name: str = ""
    config: dict[str, Any] = {}
    states: dict[str, Any] = {}
    viewers: bool | int = False
    turn_ms: int = 200
    lookahead: int = 2
    silence_s: int = 30
    on_silence: OnSilence = OnSilence.WAIT
    archive: Readers = Readers.MEMBERS


def parse_wishes(given: Mapping[str, Any], limits: Limits) -> Wishes:
    """The wishes that a JSON object spells.

    Args:
        given: The object.
        limits: All of the rooms' limits count.

    Raises:
        Malformed: BAD_DATA, with the place: an unknown field, a wrong type, or a number out of its range.
    """
    try:
        fields = msgspec.convert(given, WishesFields)
    except msgspec.ValidationError as error:
        raise bad_data(str(error)) from None
    least, most = fields.players
    viewers = _viewers(fields.viewers)
    _check_text("engine", fields.engine, limits.room_text_bytes_max)
    _check_text("seed", fields.seed, limits.room_text_bytes_max)
    _check_text("name", fields.name, limits.name_bytes_max)
    if any(letter < " " for letter in fields.name):
        raise bad_data("name: control characters")
    _check_range("players", most, 1, limits.room_seats_max)
    _check_range("players", least, 1, most)
    _check_range("viewers", viewers or 0, 0, 10**6)
    _check_range("turn_ms", fields.turn_ms, 1, limits.room_turn_ms_max)
    _check_range("lookahead", fields.lookahead, 1, limits.room_lookahead_max)
    _check_range("silence_s", fields.silence_s, ROOM_SILENCE_S_MIN, int(limits.room_silence_s_max))
    return Wishes(
        fields.engine,
        fields.seed,
        least,
        most,
        fields.name,
        fields.config,
        fields.states,
        viewers,
        fields.turn_ms,
        fields.lookahead,
        fields.silence_s,
        fields.on_silence,
        fields.archive,
    )


def wishes_object(wishes: Wishes) -> dict[str, Any]:
    """The JSON object that spells `wishes`; `parse_wishes` gives them back."""
    given = wishes._asdict()
    given["players"] = [given.pop("least"), given.pop("most")]
    given["viewers"] = False if wishes.viewers is None else wishes.viewers or True
    given["on_silence"] = wishes.on_silence.value
    given["archive"] = wishes.archive.value
    return given


def _viewers(given: bool | int) -> int | None:  # noqa: FBT001  # what the wire carries
    """How many turns late viewers are: `true` and 0 are not at all, `false` is that there are none."""
    if isinstance(given, bool):
        return 0 if given else None
    return given


def _check_text(place: str, text: str, bytes_max: int) -> None:
    if len(text.encode()) > bytes_max:
        raise bad_data(f"{place}: longer than {bytes_max} bytes")


def _check_range(place: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise bad_data(f"{place}: {value} is not {least} to {most}")
