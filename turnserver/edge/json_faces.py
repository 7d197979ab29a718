"""The JSON faces: the same actions as the text protocol's, for clients that speak JSON or forms.

Source: docs/rooms.md, "Over JSON".
"""

import logging
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from turnserver.edge.body import ClientGone, rest_of_body
from turnserver.edge.exchange import RETRY_AFTER_S
from turnserver.events import Event, tell
from turnserver.messages.reply import Malformed, Refused, Reply
from turnserver.messages.rooms import Archive, RoomCreate, RoomJoin
from turnserver.messages.sessions import Opened
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
from turnserver.store.seam import Store, StoreDown
from turnserver.wire.json_requests import (
    Fields,
    error_object,
    fields_of,
    room_create,
    room_join,
    seated_object,
    token_of,
)
from turnserver.wire.objects import json_text
from turnserver.wire.room_replies import parse_seated

LINES_PER_CHUNK = 256
"""How many lines of a record leave together."""

HEADERS = {"access-control-allow-origin": "*", "cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Pages of any origin may read an answer: nothing here rides on cookies. No answer is for another client."""

_logger = logging.getLogger("turnserver.edge")

Face = Callable[[Request], Awaitable[Response]]


class JsonFaces:
    """The endpoints.

    Args:
        answering: The use cases.
        store: Settled before an answer leaves.
        limits: Sizes count.
    """

    def __init__(self, answering: Answering, store: Store, limits: Limits) -> None:
        self._answering = answering
        self._store = store
        self._limits = limits

    @property
    def routes(self) -> list[Route]:
        """Where they live."""
        return [
            Route("/create", self._answered(self._create), methods=["POST"]),
            Route("/join", self._answered(self._join), methods=["GET", "POST"]),
            Route("/archive/{room}", self._answered(self._archive), methods=["GET"]),
        ]

    def _answered(self, face: Face) -> Face:
        """The face, with all failures as JSON, and nothing told that is not durable yet."""

        async def endpoint(request: Request) -> Response:
            try:
                response = await face(request)
                await self._store.settle()
            except (Malformed, Refused) as failure:
                return _error(failure.reply)
            except StoreDown as failure:
                self._answering.usage.failed()
                tell(_logger, Event.REPLY_REFUSED, reason=str(failure))
                return _error(Reply(answers.STORE_DOWN))
            except ClientGone:
                return Response()
            except Exception as error:  # noqa: BLE001  # the last handler: whatever it is, it is told and answered
                self._answering.usage.bugs += 1
                tell(_logger, Event.BUG, error=error)
                return _error(Reply(answers.STORE_DOWN))
            return response

        return endpoint

    async def _create(self, request: Request) -> Response:
        fields = await self._fields(request)
        token = token_of(fields, request.headers.get("authorization", ""))
        return await self._seated(room_create(fields, token or "", self._limits), None)

    async def _join(self, request: Request) -> Response:
        fields = await self._fields(request)
        token = token_of(fields, request.headers.get("authorization", ""))
        wanted = room_join(fields, token or "", self._limits)
        guest = await self._answering.sessions.open_guest() if token is None else None
        return await self._seated(wanted if guest is None else wanted._replace(token=guest.token), guest)

    async def _archive(self, request: Request) -> Response:
        secret = token_of(request.query_params, request.headers.get("authorization", "")) or ""
        lines = await self._answering.archive.read(Archive(secret, request.path_params["room"]))
        return StreamingResponse(_chunks(lines), media_type="application/jsonl", headers=HEADERS)

    async def _fields(self, request: Request) -> Fields:
        content_type = request.headers.get("content-type", "")
        return fields_of(await self._body(request), content_type, request.url.query, self._limits)

    async def _body(self, request: Request) -> bytes:
        first = await request.receive()
        if first["type"] == "http.disconnect":
            raise ClientGone
        bytes_max = self._limits.body_bytes_max
        return await rest_of_body(request.receive, first, bytes_max=bytes_max, too_long=answers.TOO_LARGE)

    async def _seated(self, request: RoomCreate | RoomJoin, guest: Opened | None) -> Response:
        reply = await self._answering.answer(request, "")
        if reply.answer.is_error:
            return _error(reply)
        return _json(seated_object(parse_seated(reply.body), guest), reply.answer.http)


def _json(value: object, status: int) -> Response:
    return Response(json_text(value), status, headers=HEADERS, media_type="application/json")


def _error(reply: Reply) -> Response:
    response = _json(error_object(reply), reply.answer.http)
    if reply.answer is answers.STORE_DOWN:
        response.headers["retry-after"] = f"{RETRY_AFTER_S}"
    if reply.answer is answers.NO_RIGHT:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    while chunk := "".join(islice(lines, LINES_PER_CHUNK)):
        yield chunk
