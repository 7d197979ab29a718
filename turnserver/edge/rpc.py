"""JSON-RPC: the table of actions as methods.

Source: docs/json.md, "JSON-RPC".
"""

import logging
from typing import Any

from msgspec import UNSET

from turnserver.edge.performing import Performing
from turnserver.events import Event, tell
from turnserver.messages.reply import Malformed, Refused
from turnserver.protocol.json_rpc import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND
from turnserver.protocol.limits import Limits
from turnserver.store.seam import StoreDown
from turnserver.wire.actions.action import Action, BadFields
from turnserver.wire.actions.table import BY_METHOD
from turnserver.wire.json_requests import error_object
from turnserver.wire.json_rpc import Call, Failure, NotCalls, Result, failure, params_of, parse, refusal

_logger = logging.getLogger("turnserver.edge")

Answered = Result | Failure


class Rpc:
    """Answers bodies of calls.

    Args:
        performing: Performs the actions.
        limits: How many calls a batch may hold, and how deep parameters may be.
    """

    def __init__(self, performing: Performing, limits: Limits) -> None:
        self._performing = performing
        self._limits = limits

    async def answer(self, body: bytes, bearer: str | None, wait_s: float) -> Answered | list[Answered] | None:
        """The answer to a body; None if nobody waits for one.

        Args:
            body: One call or a batch of them, which are carried out one after the other.
            bearer: The secret for calls that bring none of their own.
            wait_s: How long the client is willing to wait for the answer to a single call; calls of a batch never wait.

        Raises:
            Malformed: TOO_LARGE: too many calls.
            StoreDown: The store's failure; nothing may be acknowledged.
        """
        try:
            calls, is_batch = parse(body, self._limits)
        except NotCalls as nothing:
            return nothing.failure
        answered = [await self._answered(call, bearer, None if is_batch else wait_s) for call in calls]
        told = [one for one in answered if one is not None]
        if is_batch:
            return told or None
        return told[0] if told else None

    async def _answered(self, call: Call | Failure, bearer: str | None, wait_s: float | None) -> Answered | None:
        if isinstance(call, Failure):
            return call
        call_id = None if call.id is UNSET else call.id
        answer = await self._carried_out(call, call_id, bearer, wait_s)
        return None if call.id is UNSET else answer

    async def _carried_out(self, call: Call, call_id: Any, bearer: str | None, wait_s: float | None) -> Answered:
        action = BY_METHOD.get(call.method)
        if action is None:
            return failure(call_id, METHOD_NOT_FOUND, call.method)
        try:
            given = self._given(call, action, bearer)
            performed = self._performing.perform(action, given, wait_s=wait_s or 0, waits=wait_s is not None)
            return Result(result=await performed, id=call_id)
        except Malformed as malformed:
            self._performing.usage.refused(malformed.answer)
            error = error_object(malformed.reply)
            if isinstance(malformed, BadFields):
                return failure(call_id, INVALID_PARAMS, f"{error.details}")
            return refusal(call_id, error)
        except Refused as refused:
            return refusal(call_id, error_object(refused.reply))
        except StoreDown:
            raise
        except Exception as error:  # noqa: BLE001  # the last handler: whatever it is, it is told and answered
            self._performing.usage.bugs += 1
            tell(_logger, Event.BUG, error=error)
            return failure(call_id, INTERNAL_ERROR, "see the server's log")

    def _given(self, call: Call, action: Action, bearer: str | None) -> dict[str, Any]:
        given = params_of(call, self._limits)
        right = action.fields.right
        if bearer is None or right is None or right in given:
            return given
        return {**given, right: bearer}
