"""Remembering games: those that begin are noted, and looked at from time to time until they have ended.

Nothing of it lies on the way of an update. Beginnings wait in memory for the next step, so a kill can take back those
of the latest second; a game that has ended shows it for a while, which is when it is looked at.

Source: docs/accounts.md, "What is stored".
"""

from collections import deque

from turnserver.domain.games import Begun, end_of
from turnserver.service.context import Context
from turnserver.store.seam import StoreDown

STEP_S = 0.5
"""Between two steps."""

LOOKED_AT_MAX = 250
"""How many open games a step looks at: a millisecond or two of the event loop."""

PASS_S = 5
"""How long after looking at the last open game the first is looked at again."""

FORGETTING_S = 3_600
"""How often games are let go of that ended long ago."""


class Games:
    """The games of one server.

    Args:
        context: What every use case works with.
        kept_s: How long a game that has ended is remembered.
    """

    def __init__(self, context: Context, *, kept_s: float) -> None:
        self._context = context
        self._kept_ms = round(1000 * kept_s)
        self._begun = context.begun
        self._after = 0
        self._looks_ms = 0
        self._forgets_ms = 0

    async def step(self) -> None:
        """Write down what has begun, and look at some of the open games.

        Raises:
            StoreDown: A store's failure; nothing is lost by it.
        """
        if not self._begun and not self._context.records.is_there:
            return
        await self._context.records.load()
        await self._write_begun(self._begun)
        await self._look()
        await self._forget()

    async def _write_begun(self, begun: "deque[Begun]") -> None:
        while begun:
            some = [begun.popleft() for _ in range(min(LOOKED_AT_MAX, len(begun)))]
            try:
                await self._context.records.games.add(some)
            except StoreDown:
                begun.extendleft(reversed(some))
                raise

    async def _look(self) -> None:
        """Look at the next open games; some time after the last begin with the first."""
        now_ms = self._context.unix_ms()
        if now_ms < self._looks_ms:
            return
        games = await self._context.records.games.open(after=self._after, most=LOOKED_AT_MAX)
        if len(games) == LOOKED_AT_MAX:
            self._after = games[-1].id
        else:
            self._after, self._looks_ms = 0, now_ms + 1000 * PASS_S
        views = [await self._context.store.read(f"{game.kind}:{game.game_id}") for game in games]
        ends = {game.id: end_of(game.kind, view) for game, view in zip(games, views, strict=True)}
        ended = {row: end for row, end in ends.items() if end is not None}
        await self._context.records.games.end(ended, at_ms=now_ms)

    async def _forget(self) -> None:
        now_ms = self._context.unix_ms()
        if now_ms >= self._forgets_ms:
            await self._context.records.games.forget(before_ms=now_ms - self._kept_ms)
            self._forgets_ms = now_ms + 1000 * FORGETTING_S
