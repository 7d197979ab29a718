"""The relay over a store that is asked over a network: most updates cost one round trip, the others two."""

from msgspec import structs

from turnserver.domain import relay
from turnserver.domain.documents import SEATS, STREAMS, Match, game_partition
from turnserver.domain.outcome import Held, Outcome
from turnserver.messages.relay import GameUpdate
from turnserver.messages.reply import Refused
from turnserver.partition import Batch, View
from turnserver.service.context import KEY_LETTERS, Context
from turnserver.service.holding import Answered
from turnserver.service.relay import Relay
from turnserver.service.secrets import key_digest
from turnserver.service.turns import Turns


class DistantRelay(Relay):
    """`Relay`, which first tries what this process saw of the game last.

    What follows from it is committed only if nothing that the reply tells has moved since; a commit that is refused
    says what has moved, and the second try knows it. Whatever cannot be answered by a commit is answered by a read.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._turns = Turns()

    async def update(self, request: GameUpdate, title: str, held: Held) -> Answered:
        """See `Relay.update`."""
        if len(request.key) == KEY_LETTERS:
            digest = key_digest(request.key)
            partition = game_partition(digest)
            view = self._store.glance(partition)
            if view is not None and view.exists:
                match: Match = view.documents["match"].value
                async with self._turns.of(match.players[0]):  # the partner's commit may be on its way: it will be known
                    answered = await self._at_a_glance(partition, request, digest, held)
                if answered is not None:
                    return answered
        return await super().update(request, title, held)

    async def _at_a_glance(self, partition: str, request: GameUpdate, digest: str, held: Held) -> Answered | None:
        """The answer, if what was seen last, or else what a refusal tells, leads to a commit that is carried out."""
        for _ in range(2):
            view = self._store.glance(partition)
            outcome = None if view is None else self._guessed(view, request, digest, held)
            if view is None or outcome is None or outcome.batch is None:
                return None
            watch = () if held is Held.NO else outcome.watch
            if await self._store.commit(partition, _relying(view, request.player, outcome.batch, watch)):
                if outcome.batch.append:
                    self._usage.messages += 1
                return Answered(outcome, partition, view)
        return None

    def _guessed(self, view: View, request: GameUpdate, digest: str, held: Held) -> Outcome | None:
        """What the update does if the game is as it was seen; None where a commit could not confirm that it is."""
        if relay.end_by_silence(view, limits=self._limits) is not None:
            return None
        try:
            outcome = relay.update(view, request, digest, limits=self._limits, held=held)
        except Refused:
            return None
        return outcome if outcome.batch is not None and outcome.batch.lasting else None


def _relying(view: View, player: int, batch: Batch, watch: tuple[str, ...]) -> Batch:
    """The batch, expecting all that its reply tells to be as it was seen."""
    told = ("match", SEATS[player], STREAMS[1 - player])
    return structs.replace(batch, expect={name: view.counter(name) for name in told}, watch=watch)
