"""Who lives: how many partitions of each kind there are, and how many of them are in which state.

Counting is free. States are found by reading every player, match and room, a few at a time so that nobody waits for it,
and only where not too many live.

Source: docs/operating.md, "Metrics".
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from turnserver.domain import relay
from turnserver.domain.documents import Match, Phase, Player
from turnserver.domain.rooms import documents as rooms
from turnserver.partition import View
from turnserver.store.seam import Store

KINDS = ("player", "match", "room", "session", "chat", "inbox")
"""What is counted."""

READ_MOST = 20_000
"""Where more live, of all kinds together, states are not found: going over all of them would be felt."""

READ_MOST_AFAR = 1_000
"""The same over a store that is asked over a network: each is a round trip, and each node asks for itself."""

SLICE = 100
"""How many are read before others get their turn."""

FRESH_S = 10.0
"""A census so old is good enough."""

_PHASES = {
    Phase.REGISTERED: "registered",
    Phase.ASKED: "waiting",
    Phase.PAIRED: "paired",
    Phase.DROPPED: "dropped",
    Phase.TOLD: "dropped",
    Phase.ENDED: "ended",
}


class Census(NamedTuple):
    """Who lives."""

    living: Mapping[str, int]
    """By kind of partition; some whose time was just over may still count."""
    states: Mapping[str, Mapping[str, int]]
    """By kind (players, matches, rooms) and state; empty where too many live."""


async def census(store: Store) -> Census:
    """Count who lives, and find their states.

    Raises:
        StoreDown: The store's failure.
    """
    living = {kind: await store.count(kind) for kind in KINDS}
    if sum(living.values()) > (READ_MOST if store.is_immediate else READ_MOST_AFAR):
        return Census(living, {})
    return Census(living, {kind: await _states(store, kind, state) for kind, state in _STATES.items()})


class Censuses:
    """The latest census, taken again when somebody asks and it is not fresh any more.

    Args:
        store: Where they live.
        clock: Seconds, never going back.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._latest: Census | None = None
        self._taken_s = 0.0

    async def latest(self) -> Census:
        """A census that is fresh enough.

        Raises:
            StoreDown: The store's failure.
        """
        if self._latest is None or self._clock() - self._taken_s > FRESH_S:
            self._latest, self._taken_s = await census(self._store), self._clock()
        return self._latest


async def _states(store: Store, kind: str, state: Callable[[View], str]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for index, name in enumerate(await store.scan(kind)):
        if index % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        view = await store.read(name)
        if view.exists:
            found[state(view)] += 1
    return found


def player_state(view: View) -> str:
    """`registered`, `waiting`, `paired`, `dropped` (its pair broke) or `ended`."""
    player: Player = view.value("player")
    return _PHASES[player.phase]


def match_state(view: View) -> str:
    """`loading`, `playing` or `ended`."""
    match: Match = view.value("match")
    if match.left is not None:
        return "ended"
    return "playing" if relay.is_playing(view) else "loading"


def room_state(view: View) -> str:
    """`setup`, `running`, `paused` or `ended`."""
    room: rooms.Room = view.value("room")
    if rooms.is_ended(room):
        return "ended"
    return "paused" if rooms.is_paused(room) else room.state.partition("/")[0]


_STATES: Mapping[str, Callable[[View], str]] = {"player": player_state, "match": match_state, "room": room_state}

STATES: Mapping[str, tuple[str, ...]] = {
    "player": ("registered", "waiting", "paired", "dropped", "ended"),
    "match": ("loading", "playing", "ended"),
    "room": ("setup", "running", "paused", "ended"),
}
"""All states of each kind."""
