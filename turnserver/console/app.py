"""The console as one ASGI application: who may pass, and what everything answers with."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from turnserver.console.door import PATH
from turnserver.console.pages import LOGIN, OPEN, Pages
from turnserver.console.security import HEADERS, is_ours, token_of
from turnserver.console.tables import add_tables
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.records.opened import Records
from turnserver.service.operators import Operators
from turnserver.store.seam import StoreDown

TABLES = f"{PATH}/tables"
"""Where the tables are."""

READING = frozenset(("GET", "HEAD"))
"""Methods that change nothing."""

_WORDS: Mapping[object, str] = {
    answers.NOT_THERE: "There is nothing of that name, or not any more.",
    answers.WRONG_STATE: "It has ended already.",
    answers.FULL: "There is no room for more.",
}


class Console:
    """The pages and tables, behind the checks of who asks and from where.

    Args:
        operators: Knows whose session a token is for.
        pages: The console's own pages.
        records: What the tables show; opened by the first request.
    """

    def __init__(self, operators: Operators, pages: Pages, records: Records) -> None:
        self._operators = operators
        self._pages = pages
        self._records = records
        self._app: ASGIApp | None = None
        self._handlers: dict[object, ExceptionHandler] = {
            HTTPException: self._http_error,
            Refused: self._refused,
            StoreDown: self._down,
            DataError: self._nothing,  # before the errors that it is one of
            SQLAlchemyError: self._down,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers = Headers(scope=scope)
        send = _safely(send)
        if scope["method"] not in READING and not is_ours(headers):
            refusal = PlainTextResponse("403: this change was not asked for by a page of this server", 403)
            return await refusal(scope, receive, send)
        try:
            operator = await self._operators.of_token(token_of(headers))
            app = self._app or await self._opened()
        except StoreDown:
            return await PlainTextResponse("503: the records cannot be read now", 503)(scope, receive, send)
        if operator is None and scope["path"] not in OPEN:
            return await RedirectResponse(LOGIN, 303)(scope, receive, send)
        scope.setdefault("state", {})["operator"] = operator
        return await app(scope, receive, send)

    async def _opened(self) -> ASGIApp:
        engine = await self._records.database.engine()
        app = Starlette(routes=self._pages.routes, exception_handlers=self._handlers)
        tables = add_tables(app, engine, TABLES)
        tables.admin.exception_handlers = dict(self._handlers)
        self._app = app
        return app

    async def _http_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        words = "There is no such page." if error.status_code == 404 else error.detail
        return self._said(request, error.status_code, words)

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        words = _WORDS.get(error.answer) or f"This cannot be done: {error.details or error.answer.words}."
        return self._said(request, error.answer.http, words)

    async def _down(self, request: Request, _error: Exception) -> Response:
        return self._said(request, 503, "The server cannot read or store this now. Try again.")

    async def _nothing(self, request: Request, _error: Exception) -> Response:
        return self._said(request, 404, "There is no such page.")

    def _said(self, request: Request, status: int, words: str) -> Response:
        return self._pages.page(request, "error.html", status, words=words)


def _safely(send: Send) -> Send:
    """`send`, with the console's headers on every answer; places to go to are told without scheme and host.

    A proxy may have changed both on the way here, and the browser knows them.
    """

    async def safe(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers.update(HEADERS)
            if "location" in headers:
                place = urlsplit(headers["location"])
                headers["location"] = place._replace(scheme="", netloc="").geturl()
        await send(message)

    return safe
