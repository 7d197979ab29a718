"""GAME_UPDATE and GAME_QUIT: one partition, one read, one commit."""

import logging

from turnserver.domain import relay
from turnserver.domain.documents import Match, game_partition
from turnserver.domain.outcome import Held, Outcome
from turnserver.events import Event, tell
from turnserver.messages.relay import GameQuit, GameUpdate
from turnserver.messages.reply import Refused, Reply
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.service.context import KEY_LETTERS, Context
from turnserver.service.events import Events
from turnserver.service.holding import Answered
from turnserver.service.secrets import key_digest
from turnserver.store.seam import StoreDown

_logger = logging.getLogger("turnserver.service")


class Relay:
    """The use cases of a game."""

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._limits = context.limits
        self._usage = context.usage
        self._events = Events(context)

    async def update(self, request: GameUpdate, _title: str, held: Held) -> Answered:
        """Relay an update, or poll; see `domain.relay.update`.

        Raises:
            Refused: The protocol's refusals; they count as a sign of life.
            StoreDown: The store's failure.
        """
        digest = _digest(request)
        partition = game_partition(digest)
        for _ in range(self._limits.conflicts_max):
            view = await self._store.read(partition)
            end = relay.end_by_silence(view, limits=self._limits)
            if end is not None:
                await self._end(partition, view, end, why="silence")
                continue
            try:
                outcome = relay.update(view, request, digest, limits=self._limits, held=held)
            except Refused as refused:
                if held and refused.answer is answers.COUNTER_BEHIND:  # overtaken by the next request: let it go
                    return Answered(Outcome(Reply(answers.NOTHING_NEW)))
                if refused.answer is answers.PARTNER_LEFT:
                    await self._events.settle(partition, view)
                await self._note_sign_of_life(partition, view, request, digest)
                raise
            if outcome.batch is None or await self._store.commit(partition, outcome.batch):
                if outcome.batch is not None and outcome.batch.append:
                    self._usage.messages += 1
                return Answered(outcome, partition, view)
        raise StoreDown("the game is overtaken by other commits all the time")

    async def quit(self, request: GameQuit, _title: str, _held: Held) -> Answered:
        """End the game; see `domain.relay.quit_game`.

        Raises:
            Refused: The protocol's refusals; they count as a sign of life.
            StoreDown: The store's failure.
        """
        digest = _digest(request)
        partition = game_partition(digest)
        for _ in range(self._limits.conflicts_max):
            view = await self._store.read(partition)
            end = relay.end_by_silence(view, limits=self._limits)
            if end is not None:
                await self._end(partition, view, end, why="silence")
                continue
            try:
                outcome = relay.quit_game(view, request, digest, limits=self._limits)
            except Refused:
                await self._note_sign_of_life(partition, view, request, digest)
                raise
            if outcome.batch is None or await self._end(partition, view, outcome.batch, why="quit"):
                return Answered(outcome)
        raise StoreDown("the game is overtaken by other commits all the time")

    async def _end(self, partition: str, view: View, end: Batch, *, why: str) -> bool:
        has_ended = await self._store.commit(partition, end)
        if has_ended:
            match: Match = view.value("match")
            tell(_logger, Event.MATCH_ENDED, names=match.names, why=why)
        await self._events.settle(partition)
        return has_ended

    async def _note_sign_of_life(self, partition: str, view: View, request: GameQuit | GameUpdate, digest: str) -> None:
        batch = relay.heard(view, request, digest, limits=self._limits)
        if batch is not None:
            await self._store.commit(partition, batch)


def _digest(request: GameQuit | GameUpdate) -> str:
    if len(request.key) != KEY_LETTERS:
        raise Refused(answers.NO_SUCH_GAME)
    return key_digest(request.key)
