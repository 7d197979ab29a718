"""The ASGI application: POSTs of text go straight to their endpoint, everything else through Starlette."""

from collections.abc import Sequence
from functools import partial
from importlib import resources

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from turnserver.edge.exchange import Exchange, headers_of, refusal
from turnserver.edge.json_faces import JsonFaces, error_response
from turnserver.edge.peer import address_of, proxies_of
from turnserver.edge.text import TextEndpoint
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.service.peer import PEER
from turnserver.wire.paths import text_path

_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}


class App:
    """The door: which requests go where."""

    def __init__(
        self,
        exchange: Exchange,
        faces: JsonFaces,
        limits: Limits,
        *,
        proxies: str = "",
        further: Sequence[Route] = (),
    ) -> None:
        self._proxies = proxies_of(proxies)
        self._text = TextEndpoint(exchange, limits)
        self._rest: ASGIApp = _starlette(exchange, [*faces.routes, *further])
        self._usage = exchange.usage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            PEER.set(partial(self._peer, scope))
        if scope["type"] == "http" and scope["method"] == "POST":
            path = text_path(scope["path"])
            if path is not None:
                await self._text(scope, receive, send, path)
                return
        await self._rest(scope, receive, self._counting(send))

    def _counting(self, send: Send) -> Send:
        """`send`, with every response counted."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._usage.http[message["status"]] += 1
            elif message["type"] == "http.response.body":
                self._usage.sent_bytes += len(message.get("body", b""))
            await send(message)

        return counted

    def _peer(self, scope: Scope) -> str:
        client = scope.get("client")
        return address_of(client[0] if client else None, scope["headers"], proxies=self._proxies)


def _starlette(exchange: Exchange, further: Sequence[Route]) -> Starlette:
    page = resources.files("turnserver.edge").joinpath("page.html").read_text(encoding="utf-8")

    async def root(request: Request) -> Response:
        """The seconds of the latest POST; for who prefers HTML, a page."""
        seconds = f"{exchange.latest_s:.6f}"
        if _prefers_html(request.headers.get("accept", "")):
            return HTMLResponse(page.replace("{seconds}", seconds), headers=_PAGE_HEADERS)
        return PlainTextResponse(seconds, headers={"access-control-allow-origin": "*"})

    return Starlette(
        routes=[Route("/", root, methods=["GET"]), *further],
        exception_handlers={404: _not_served, 405: _not_served},
    )


def _prefers_html(accept: str) -> bool:
    """True for a browser: it names HTML before it says "anything"."""
    return "text/html" in accept.lower()


async def _not_served(request: Request, _error: Exception) -> Response:
    """The answer for a path or method that is not there."""
    path: str = request.scope["path"]  # not request.url: making a URL of it leaves line breaks out
    has_origin = "origin" in request.headers
    methods = _methods(request)
    if not methods:
        return _refused(answers.UNKNOWN_PATH, has_origin=has_origin)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_preflight(path, methods))
    if text_path(path) is None:
        response = error_response(Reply(answers.WRONG_METHOD))
    else:
        response = _refused(answers.WRONG_METHOD, has_origin=has_origin)
    response.headers["allow"] = ", ".join(sorted({*methods, "OPTIONS"}))
    return response


def _preflight(path: str, methods: set[str]) -> dict[str, str]:
    """What pages of other origins may do. Tokens travel in a header of the JSON faces alone."""
    is_text = text_path(path) is not None
    return {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST" if is_text else ", ".join(sorted(methods)),
        "access-control-allow-headers": f"{'' if is_text else 'authorization, '}content-type, prefer",
        "access-control-max-age": "86400",
    }


def _methods(request: Request) -> set[str]:
    """The methods that a path serves; none where there is nothing."""
    found = {"POST"} if text_path(request.scope["path"]) is not None else set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.methods and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods
    return found


def _refused(answer: Answer, *, has_origin: bool) -> Response:
    """An error with the same headers as those of POSTs."""
    error = refusal(answer)
    response = Response(error.body, error.status)
    response.raw_headers = headers_of(error, has_origin=has_origin)
    return response
