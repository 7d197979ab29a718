"""Counting guesses over a store: any node counts for all of them; see `domain.guessing`."""

from collections.abc import Callable, Sequence
from functools import partial

from turnserver.domain import guessing
from turnserver.domain.guessing import DEVICE, THERE, Counted, Lane, guess_partition
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.service.context import Context
from turnserver.service.secrets import derived
from turnserver.service.turns import Turns

LANE_LETTERS = 32
"""192 bits of a SHA-256: names and addresses do not stand in the store's."""


class Guard:
    """Lets attempts pass, or tells them to wait."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._limits = context.limits
        self._turns = Turns()

    async def charge(self, lanes: Sequence[Lane]) -> None:
        """Count an attempt in all its lanes, if it may be made.

        Raises:
            Refused: TOO_MANY_REQUESTS, with the seconds to wait; nothing was counted.
            StoreDown: The store's failure.
        """
        views = {lane.kind: await self._store.read(_partition(lane)) for lane in lanes}
        kinds = {kind: guessing.counted(view, limits=self._limits) for kind, view in views.items()}
        guessing.check(kinds, limits=self._limits)
        charged: list[Lane] = []
        try:
            for lane in lanes:
                await self._change(lane, partial(self._charged, kinds, lane.kind))
                charged.append(lane)
        except Refused:
            await self.refund(charged, whole=False)
            raise

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
