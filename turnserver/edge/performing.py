"""Actions as JSON asks for them: fields in, an object out. Paths and JSON-RPC share it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs

from turnserver.messages.reply import Refused, Reply
from turnserver.messages.requests import Request
from turnserver.messages.sessions import Guest
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
from turnserver.wire.actions.accounts import GuestSession
from turnserver.wire.actions.action import Action


class Performing:
    """Performs actions.

    Args:
        answering: The use cases.
        limits: Sizes and the longest hold count.
    """

    def __init__(self, answering: Answering, limits: Limits) -> None:
        self._answering = answering
        self.usage = answering.usage
        self._limits = limits

    async def perform(
        self, action: Action, given: Mapping[str, Any], *, wait_s: float = 0, waits: bool = True
    ) -> Struct:
        """What the action answers.

        Args:
            action: The row of the table.
            given: Its fields, not checked yet.
            wait_s: How long the client is willing to wait, 0 to the longest hold; else the field `wait` says it.
            waits: Whether it may wait at all.

        Raises:
            Malformed: The fields are not those of the action, or break the form of the protocol.
            Refused: Any error that the reply tells.
            StoreDown: The store's failure; nothing may be acknowledged.
        """
        fields = action.fields_of(given)
        request, title = action.request(fields, self._limits)
        if action.opens_guest and action.fields.right not in given:
            return await self._perform_as_guest(action, given)
        seconds = wait_s or min(getattr(fields, "wait", 0), self._limits.wait_s_max)
        return action.answer.read(await self._reply(request, title, seconds if waits else 0), fields)

    async def _perform_as_guest(self, action: Action, given: Mapping[str, Any]) -> Struct:
        """Perform for somebody who has no session yet, and tell the new session with the answer."""
        guest = GuestSession.read(await self._reply(Guest(), "", 0), None)
        try:
            answer = await self.perform(action, {**given, "token": guest.token})
        except Refused:
            await self._answering.sessions.forget(guest.token)
            raise
        return structs.replace(answer, **structs.asdict(guest))

    async def _reply(self, request: Request, title: str, wait_s: float) -> Reply:
        reply = await self._answering.answer(request, title, wait_s)
        if reply.answer.is_error:
            raise Refused(reply.answer, reply.body.decode())
        return reply
