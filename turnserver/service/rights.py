"""Giving and taking the right of an account's session: live state, with its row in the records.

Source: docs/decisions/0017-sessions.md
"""

from collections.abc import Sequence
from typing import NamedTuple

from turnserver.domain import sessions
from turnserver.domain.accounts import NewSession
from turnserver.domain.sessions import session_partition
from turnserver.messages.reply import Refused
from turnserver.partition import Batch
from turnserver.protocol import answers
from turnserver.service.context import Context
from turnserver.service.peer import peer_address
from turnserver.service.secrets import digest
from turnserver.store.seam import StoreDown

SESSION_ID_LETTERS = 12
"""72 bits: ids are shown to their owner, and only have to be told apart."""

LOOKS_S = 2.0
"""How often a server looks for accounts that were deleted by a command."""

FINISHED_AT_ONCE = 500
"""How many endings that were left half done are finished in one go."""


class Opening(NamedTuple):
    """A session about to be opened: its token, its row, and the batch that gives the right."""

    token: str
    row: NewSession
    batch: Batch


class Rights:
    """The rights of accounts' sessions."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._records = context.records

    async def opening(self, *, user: str, name: str, since: int) -> Opening:
        """A session that can be opened; nothing is written yet.

        Raises:
            Refused: FULL.
            StoreDown: The store's failure.
        """
        count = await self._store.count("session")
        batch = sessions.open_account(user=user, name=name, since=since, sessions=count, limits=self._context.limits)
        token = self._context.new_token()
        row = NewSession(self._context.new_key()[:SESSION_ID_LETTERS], digest(token), peer_address())
        return Opening(token, row, batch)

    async def give(self, opening: Opening) -> None:
        """Give the right to a session whose row is written.

        Raises:
            Refused: NO_RIGHT, where somebody has ended it meanwhile.
            StoreDown: A store's failure.
        """
        if not await self._store.commit(session_partition(opening.row.digest), opening.batch):
            raise StoreDown("a fresh token was taken")
        if not await self._records.sessions.is_open(opening.row.digest):
            await self.take([opening.row.digest])
            raise Refused(answers.NO_RIGHT)

    async def take(self, digests: Sequence[str]) -> None:
        """Take the rights of sessions whose rows say that they are ending.

        Raises:
            StoreDown: A store's failure; what is left half done is finished later.
        """
        for one in digests:
            await self._store.commit(session_partition(one), sessions.ended())
        await self._store.settle()
        await self._records.sessions.done(digests)

    async def finish(self, why: str | None = None) -> None:
        """Take the rights that somebody began to take who did not come to the end.

        Args:
            why: Only those that were to end for this reason; None for all.

        Raises:
            StoreDown: A store's failure.
        """
        while digests := await self._records.sessions.ending(most=FINISHED_AT_ONCE, why=why):
            await self.take(digests)

    async def finish_deleted(self) -> None:
        """Take the rights of accounts that were deleted by a command, which does not reach live state itself.

        Endings for other reasons are left to who began them: a kick is about to leave its farewell.

        Raises:
            StoreDown: A store's failure.
        """
        if self._records.is_there:
            await self._records.load()
            await self.finish(sessions.DELETED)
