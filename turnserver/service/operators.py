"""Operators: logged in to the console and out of it. Guessing is slowed as for accounts, in lanes of their own.

Source: docs/console.md, "Logging in".
"""

import logging
from typing import Any

from turnserver.domain.guessing import lanes_of
from turnserver.events import Event, tell
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.service.context import TOKEN_LETTERS, Context
from turnserver.service.guard import Guard
from turnserver.service.secrets import digest

SEEN_EVERY_MS = 60_000
"""A session's use is noted about once in this time."""

LANE = "operator\n"
"""Stands before an operator's name where guesses are counted: no account's name holds a line feed."""

_logger = logging.getLogger("turnserver.service")


class Operators:
    """The sessions of operators.

    Args:
        context: What every use case works with.
        session_s: How long after its login a session ends.
        idle_s: How long after its last use it ends.
    """

    def __init__(self, context: Context, *, session_s: float, idle_s: float) -> None:
        self._context = context
        self._records = context.records
        self._passwords = context.passwords
        self._guard = Guard(context)
        self._session_ms = round(1000 * session_s)
        self._idle_ms = round(1000 * idle_s)

    async def are_there(self) -> bool:
        """True if there is an operator: without one there is no console.

        Raises:
            StoreDown: The database fails.
        """
        return self._records.is_there and await self._context.on_records(self._any)

    async def _any(self) -> bool:
        return await self._records.operators.any()

    async def log_in(self, name: str, password: str) -> str:
        """The token of a new session.

        Raises:
            Refused: NO_RIGHT for a wrong name or password; TOO_MANY_REQUESTS, with the seconds to wait.
            StoreDown: A store's failure.
        """
        return await self._context.on_records(lambda: self._log_in(name, password))

    async def _log_in(self, name: str, password: str) -> str:
        actor = self._context.actor(f"operator {name}")
        lanes = lanes_of(LANE + name, actor.address, None)
        await self._guard.charge(lanes)
        operator = await self._records.operators.named(name)
        try:
            verdict = await self._passwords.verify(None if operator is None else operator.password, password)
        except Refused:
            await self._guard.refund(lanes, whole=False)
            raise
        if operator is None or not verdict.is_right:
            # A name that nobody has may be a password in the wrong field: it is not told.
            known: dict[str, Any] = {} if operator is None else {"operator": name}
            tell(_logger, Event.LOGIN_REFUSED, **known, address=actor.address)
            raise Refused(answers.NO_RIGHT)
        await self._guard.refund(lanes)
        token = self._context.new_token()
        ends_ms = actor.at_ms + self._session_ms
        await self._records.console_sessions.open(operator.id, digest(token), actor, ends_ms=ends_ms)
        tell(_logger, Event.LOGIN, operator=name, address=actor.address)
        return token

    async def of_token(self, token: str) -> str | None:
        """The name of the operator whose session a token is for; None where there is none, or not any more.

        Raises:
            StoreDown: The database fails.
        """
        if len(token) != TOKEN_LETTERS:
            return None
        return await self._context.on_records(lambda: self._of_token(digest(token)))

    async def _of_token(self, secret: str) -> str | None:
        session = await self._records.console_sessions.find(secret)
        now_ms = self._context.unix_ms()
        if session is None:
            return None
        if now_ms >= min(session.ends_ms, session.seen_ms + self._idle_ms):
            await self._records.console_sessions.end(secret)
            return None
        if now_ms - session.seen_ms >= SEEN_EVERY_MS:
            await self._records.console_sessions.seen(secret, at_ms=now_ms)
        return session.operator

    async def log_out(self, token: str) -> None:
        """End a session.

        Raises:
            StoreDown: The database fails.
        """
        await self._context.on_records(lambda: self._records.console_sessions.end(digest(token)))
