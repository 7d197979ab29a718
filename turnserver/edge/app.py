"""The ASGI application: POSTs of text go straight to their endpoint, everything else through Starlette."""

from importlib import resources

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

<<<<<<< HEAD
from turnserver.edge.exchange import Exchange
from turnserver.edge.json_faces import JsonFaces
=======
from turnserver.edge.exchange import Exchange, headers_of, refusal
>>>>>>> main
from turnserver.edge.text import TextEndpoint
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.wire.paths import text_path

_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type, prefer",
    "access-control-max-age": "86400",
}
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}


class App:
    """The door: which requests go where."""

    def __init__(self, exchange: Exchange, faces: JsonFaces, limits: Limits) -> None:
        self._text = TextEndpoint(exchange, limits)
        self._rest: ASGIApp = _starlette(exchange, faces)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] == "POST":
            path = text_path(scope["path"])
            if path is not None:
                await self._text(scope, receive, send, path)
                return
        await self._rest(scope, receive, send)


def _starlette(exchange: Exchange, faces: JsonFaces) -> Starlette:
    page = resources.files("turnserver.edge").joinpath("page.html").read_text(encoding="utf-8")

    async def root(request: Request) -> Response:
        """The seconds of the latest POST; for who prefers HTML, a page."""
        seconds = f"{exchange.latest_s:.6f}"
        if _prefers_html(request.headers.get("accept", "")):
            return HTMLResponse(page.replace("{seconds}", seconds), headers=_PAGE_HEADERS)
        return PlainTextResponse(seconds, headers={"access-control-allow-origin": "*"})

    return Starlette(
        routes=[Route("/", root, methods=["GET"]), *faces.routes],
        exception_handlers={404: _not_served, 405: _not_served},
    )


def _prefers_html(accept: str) -> bool:
    """True for a browser: it names HTML before it says "anything"."""
    return "text/html" in accept.lower()


async def _not_served(request: Request, error: Exception) -> Response:
    """The answer for a path or method that is not there."""
<<<<<<< HEAD
    assert isinstance(error, HTTPException)
    methods = set((error.headers or {}).get("Allow", "").split(", ")) - {""}
    if text_path(request.url.path) is not None:
        methods.add("POST")
    if not methods:
        return PlainTextResponse(Reply(answers.UNKNOWN_PATH).line, answers.UNKNOWN_PATH.http)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_PREFLIGHT)
    allow = ", ".join(sorted({*methods, "OPTIONS"}))
    return PlainTextResponse(Reply(answers.WRONG_METHOD).line, answers.WRONG_METHOD.http, headers={"allow": allow})
=======
    path: str = request.scope["path"]  # not request.url: making a URL of it leaves line breaks out
    has_origin = "origin" in request.headers
    if text_path(path) is None:
        return _refused(answers.UNKNOWN_PATH, has_origin=has_origin)
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_PREFLIGHT)
    response = _refused(answers.WRONG_METHOD, has_origin=has_origin)
    response.headers["allow"] = "GET, HEAD, OPTIONS, POST" if path == "/" else "OPTIONS, POST"
    return response


def _refused(answer: Answer, *, has_origin: bool) -> Response:
    """An error with the same headers as those of POSTs."""
    error = refusal(answer)
    response = Response(error.body, error.status)
    response.raw_headers = headers_of(error, has_origin=has_origin)
    return response
>>>>>>> main
