"""Counting guesses over a store: any node counts for all of them; see `domain.guessing`."""

from collections.abc import Sequence
from functools import partial

from turnserver.domain import guessing
from turnserver.domain.guessing import DEVICE, THERE, Lane, guess_partition
from turnserver.service.context import Context
from turnserver.service.secrets import derived

LANE_LETTERS = 32
"""192 bits of a SHA-256: names and addresses do not stand in the store's."""


class Guard:
    """Lets attempts pass, or tells them to wait."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits

    async def charge(self, lanes: Sequence[Lane]) -> None:
        """Count an attempt in all its lanes, if it may be made.

        Raises:
            Refused: TOO_MANY_REQUESTS, with the seconds to wait; nothing was counted.
            StoreDown: The store's failure.
        """
        views = {lane.kind: await self._store.read(_partition(lane)) for lane in lanes}
        kinds = {kind: guessing.counted(view, limits=self._limits) for kind, view in views.items()}
        guessing.check(kinds, limits=self._limits)
        for lane in lanes:
            await self._context.change(_partition(lane), partial(guessing.charge, limits=self._limits))

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
            rule = partial(guessing.refund, whole=is_whole, limits=self._limits)
            await self._context.change(_partition(lane), rule)


def _partition(lane: Lane) -> str:
    return guess_partition(derived(lane.kind, lane.subject, letters=LANE_LETTERS))
