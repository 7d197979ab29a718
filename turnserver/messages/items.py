"""What members and viewers of a room poll: one value for each kind of item.

Source: docs/rooms.md, "Items".
"""

from typing import NamedTuple


class Joined(NamedTuple):
    """`j`: somebody took a seat."""

    seat: int
    name: str


class Left(NamedTuple):
    """`l`: a seat is empty from now on, or no longer played. `why` is `left` or `silent`."""

    seat: int
    why: str


class Configured(NamedTuple):
    """`c`: the whole configuration, a JSON object, after a change."""

    config: str


class Readied(NamedTuple):
    """`r`: a seat is ready to begin, or no longer."""

    seat: int
    is_ready: bool


class Moved(NamedTuple):
    """`s`: the room is in another state: `setup` or `running`, each with children, or `ended/WHY`."""

    state: str


class Packet(NamedTuple):
    """`t`: the master packet: all seats' commands, to be executed as this generation.

    `iterations` and `turn_ms` are None where they are as before. `checked` is a generation newly agreed by all live
    seats, with its hash. `commands` has one entry for each seat in order: None where the seat gave nothing.
    """

    generation: int
    iterations: int | None
    turn_ms: int | None
    checked: int | None
    hash: str
    commands: tuple[str | None, ...]


class Diverged(NamedTuple):
    """`d`: the seats' games are no longer the same after this generation.

    `minority` holds the seats that differ from the majority, nobody where there is no majority: it is disputed then.
    `hashes` holds each live seat's report in order. `parts` names the parts that differ, if all reports have parts.
    """

    generation: int
    minority: tuple[int, ...]
    hashes: tuple[tuple[int, str], ...]
    parts: tuple[str, ...]


class Lagging(NamedTuple):
    """`g`: the others have waited for this seat's turn for `waited_ms`."""

    seat: int
    waited_ms: int


Item = Joined | Left | Configured | Readied | Moved | Packet | Diverged | Lagging
