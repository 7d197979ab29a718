"""The door to the console: shut, as if nothing were there, unless an operator account exists.

What is behind it is imported when it is first opened: pages and tables are a third of what an idle server weighs.
"""

import asyncio
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from turnserver.console.security import HEADERS
from turnserver.service.operators import Operators
from turnserver.store.seam import StoreDown

PATH = "/console"
"""Where the console lives."""


class Door:
    """Lets requests pass to the console.

    Args:
        operators: Knows whether there is an operator.
        inside: Makes the console; called once, in a thread.
    """

    def __init__(self, operators: Operators, inside: Callable[[], ASGIApp]) -> None:
        self._operators = operators
        self._inside = inside
        self._app: ASGIApp | None = None
        self._opening = asyncio.Lock()

    @property
    def routes(self) -> list[Route]:
        """Where it lives, and all below."""
        return [Route(PATH, self), Route(f"{PATH}/{{rest:path}}", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            is_open = await self._operators.are_there()
        except StoreDown:
            down = PlainTextResponse("the records cannot be read now", 503, {**HEADERS, "retry-after": "5"})
            await down(scope, receive, send)
            return
        if not is_open:
            raise HTTPException(404)
        await (await self._opened())(scope, receive, send)

    async def _opened(self) -> ASGIApp:
        if self._app is None:
            async with self._opening:
                if self._app is None:
                    self._app = await asyncio.to_thread(self._inside)
        return self._app
