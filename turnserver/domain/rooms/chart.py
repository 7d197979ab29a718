"""The state chart: the game's own states below `setup` and `running`, and who may send which event.

A small part of the widely used JSON form of state charts:

    {"setup": NODE, "running": NODE, "by": {EVENT: "any" | "host" | [SEAT, ...]}}
    NODE = {"initial": NAME, "states": {NAME: NODE}, "on": {EVENT: PATH}}

Everything is optional, but a node with states names its initial one. A PATH leads down from `setup` or `running`, names
joined by `/`, and stays below the parent that it is in: only readiness leads from one to the other. An event is looked
up in the innermost state first. `pause` and `resume` always exist. The server knows nothing else of the game.

Source: docs/rooms.md, "State charts".
"""

import re
from collections.abc import Mapping
from typing import Any

from turnserver.domain.rooms.documents import PAUSED, RUNNING, SETUP
from turnserver.messages.reply import Refused
from turnserver.protocol import answers

Node = Mapping[str, Any]

PAUSE, RESUME = "pause", "resume"
DEPTH_MAX = 8
"""States inside each other, the parent included."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_NONE: Node = {}


def check_chart(chart: Node, *, seats: int) -> None:
    """Let a chart pass that all transitions can be looked up in.

    Args:
        chart: The JSON object.
        seats: The most seats that the room can have.

    Raises:
        Refused: BAD_DATA, with the place and the reason.
    """
    _check_keys("states", chart, (SETUP, RUNNING, "by"))
    for parent in (SETUP, RUNNING):
        root = _object(f"states/{parent}", chart.get(parent, _NONE))
        _check_node(f"states/{parent}", root, root, depth=1)
    for event, who in _object("states/by", chart.get("by", _NONE)).items():
        _check_name("states/by", event)
        is_list = isinstance(who, list) and all(type(seat) is int and 0 <= seat < seats for seat in who)
        if not (is_list or who in ("any", "host")):
            raise _bad(f"states/by/{event}", "not any, host or a list of seats")


def _check_node(place: str, node: Node, root: Node, *, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise _bad(place, f"deeper than {DEPTH_MAX} states")
    _check_keys(place, node, ("initial", "states", "on"))
    states = _object(f"{place}/states", node.get("states", _NONE))
    initial = node.get("initial")
    is_wrong = not isinstance(initial, str) or initial not in states if states else "initial" in node
    if is_wrong:
        raise _bad(f"{place}/initial", "not one of the states")
    for event, path in _object(f"{place}/on", node.get("on", _NONE)).items():
        _check_name(f"{place}/on", event)
        if event in (PAUSE, RESUME):
            raise _bad(f"{place}/on/{event}", "always exists and leads to paused and back")
        if not (isinstance(path, str) and _find(root, path) is not None):
            raise _bad(f"{place}/on/{event}", "leads to no state")
    for name, inner in states.items():
        _check_name(f"{place}/states", name)
        _check_node(f"{place}/states/{name}", _object(f"{place}/states/{name}", inner), root, depth=depth + 1)


def _check_keys(place: str, node: Node, known: tuple[str, ...]) -> None:
    if not node.keys() <= set(known):
        raise _bad(place, f"holds more than {', '.join(known)}")


def _check_name(place: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise _bad(place, "a name is not 1 to 32 letters, digits, dots, _ and -")


def _object(place: str, value: Any) -> Node:
    if not isinstance(value, dict):
        raise _bad(place, "not an object")
    return value


def _bad(place: str, reason: str) -> Refused:
    return Refused(answers.BAD_DATA, f"{place}: {reason}")


def first_state(chart: Node, parent: str) -> str:
    """The state that the room is in when it enters `setup` or `running`."""
    return _entered(chart, parent)


def next_state(chart: Node, state: str, event: str, *, resumes: str) -> str | None:
    """The state that an event leads to; None if the chart does not take it now.

    Args:
        chart: A chart that was checked.
        state: The room's state.
        event: Its name.
        resumes: The state before the pause.
    """
    if not state.startswith((SETUP, RUNNING)):
        return None
    is_paused = state == PAUSED or state.startswith(f"{PAUSED}/")
    if event == PAUSE:
        return _entered(chart, PAUSED) if state.startswith(RUNNING) and not is_paused else None
    if event == RESUME:
        return resumes if is_paused else None
    parent, *path = state.split("/")
    while True:
        node = _find(chart.get(parent, _NONE), "/".join(path)) or _NONE
        if event in node.get("on", _NONE):
            return _entered(chart, f"{parent}/{node['on'][event]}")
        if not path:
            return None
        path.pop()


def may_send(chart: Node, event: str, seat: int, *, host: int) -> bool:
    """True if this seat may send this event; `host` is the first live seat."""
    who = chart.get("by", _NONE).get(event, "any")
    return who == "any" or (seat == host if who == "host" else seat in who)


def _entered(chart: Node, state: str) -> str:
    """The innermost initial state of a state."""
    parent, _, path = state.partition("/")
    node = _find(chart.get(parent, _NONE), path) or _NONE
    while "initial" in node:
        state = f"{state}/{node['initial']}"
        node = node["states"][node["initial"]]
    return state


def _find(root: Node, path: str) -> Node | None:
    """The node that a path leads to; the root for the empty one."""
    node: Node | None = root
    for name in path.split("/") if path else ():
        states = node.get("states", _NONE) if isinstance(node, dict) else _NONE
        node = states.get(name) if isinstance(states, dict) else None
    return node
