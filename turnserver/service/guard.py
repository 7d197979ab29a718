"""Counting guesses over a store: any node counts for all of them; see `domain.guessing`."""

import logging
import math
from collections.abc import Callable, Sequence
from functools import partial

from turnserver.domain import guessing
from turnserver.domain.guessing import DEVICE, THERE, Counted, Lane, guess_partition
from turnserver.events import Event, tell
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.service.context import Context
from turnserver.service.peer import peer_address
from turnserver.service.secrets import derived
from turnserver.service.turns import Turns

LANE_LETTERS = 32
"""192 bits of a SHA-256: names and addresses do not stand in the store's."""


TOLD_EVERY_S = 60.0
"""How long the log rests before the same is told again."""

TOLD_MAX = 10_000
"""How much is remembered as told; then all may be told again."""

_logger = logging.getLogger("turnserver.accounts")


class Guard:
    """Lets attempts pass, or tells them to wait."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._turns = Turns()
        self._told: dict[frozenset[str], float] = {}

    async def charge(self, lanes: Sequence[Lane]) -> None:
        """Count an attempt in all its lanes, if it may be made.

        Raises:
            Refused: TOO_MANY_REQUESTS, with the seconds to wait; nothing was counted.
            StoreDown: The store's failure.
        """
        views = {lane.kind: await self._store.read(_partition(lane)) for lane in lanes}
        kinds = {kind: guessing.counted(view, limits=self._limits) for kind, view in views.items()}
        self._check(kinds, lanes)
        charged: list[Lane] = []
        try:
            for lane in lanes:
                await self._change(lane, partial(self._charged, kinds, lane.kind))
                charged.append(lane)
        except Refused:
            await self.refund(charged, whole=False)
            raise

    def _check(self, kinds: dict[str, Counted], lanes: Sequence[Lane]) -> None:
        try:
            guessing.check(kinds, limits=self._limits)
        except Refused as refused:
            self._tell(lanes, refused.details)
            raise

    def _tell(self, lanes: Sequence[Lane], seconds: str) -> None:
        """Tell the operator, not with every attempt: whoever guesses must not fill the log."""
        what, now_s = frozenset(map(_partition, lanes)), self._context.monotonic_s()
        if now_s - self._told.get(what, -math.inf) < TOLD_EVERY_S:
            return
        if len(self._told) >= TOLD_MAX:
            self._told.clear()
        self._told[what] = now_s
        counted = [lane.kind for lane in lanes]
        tell(_logger, Event.GUESSING_SLOWED, address=peer_address(), counted=counted, seconds=int(seconds))

    async def refund(self, lanes: Sequence[Lane], *, whole: bool = True) -> None:
        """Take an attempt back.

        Args:
            lanes: Those in which it was counted.
            whole: True if it has turned out right: then the lanes that are the client's own begin anew.

        Raises:
            StoreDown: The store's failure.
        """
        for lane in lanes:
            is_whole = whole and lane.kind in (DEVICE, THERE)
            await self._change(lane, partial(guessing.refund, whole=is_whole, limits=self._limits))

    def _charged(self, kinds: dict[str, Counted], kind: str, view: View) -> Batch:
        """One more in a lane, if it may be by what others have counted since the lanes were read."""
        kinds[kind] = guessing.counted(view, limits=self._limits)
        guessing.check(kinds, limits=self._limits)
        return guessing.charge(view, limits=self._limits)

    async def _change(self, lane: Lane, rule: Callable[[View], Batch | None]) -> None:
        name = _partition(lane)
        async with self._turns.of(name):
            await self._context.change(name, rule)


def _partition(lane: Lane) -> str:
    return guess_partition(derived(lane.kind, lane.subject, letters=LANE_LETTERS))
