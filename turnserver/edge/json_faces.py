"""The JSON faces: the table of actions as paths, records of rooms, JSON-RPC, and the document that describes them.

Source: docs/json.md.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from turnserver.edge.body import ClientGone, rest_of_body
from turnserver.edge.exchange import RETRY_AFTER_S, retry_after
from turnserver.edge.performing import Performing
from turnserver.edge.rpc import Rpc
from turnserver.edge.text import while_connected
from turnserver.events import Event, tell
from turnserver.messages.reply import Malformed, Refused, Reply
from turnserver.messages.rooms import Archive, RoomLook
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
from turnserver.store.seam import Store, StoreDown
from turnserver.wire.actions import action as actions
from turnserver.wire.actions.action import Action
from turnserver.wire.actions.room_answers import JOIN_PATH, Shown
from turnserver.wire.actions.rooms import Look
from turnserver.wire.actions.table import TABLE
from turnserver.wire.json_requests import bearer_of, error_object, fields_of, secret_of
from turnserver.wire.objects import json_text
from turnserver.wire.openapi import document
from turnserver.wire.prefer import wait_s

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
        self._performing = Performing(answering, limits)
        self._rpc = Rpc(self._performing, limits)
        self._document = json_text(document())

    @property
    def routes(self) -> list[Route]:
        """Where they live."""
        return [
            *(Route(action.path, self._answered(self._face(action)), methods=list(action.methods)) for action in TABLE),
            Route(JOIN_PATH, self._answered(self._look), methods=["GET"]),
            Route("/archive/{room}", self._answered(self._archive), methods=["GET"]),
            Route("/rpc", self._answered(self._call), methods=["POST"]),
            Route("/openapi.json", self._answered(self._describe), methods=["GET"]),
        ]

    def _answered(self, face: Face) -> Face:
        """The face, with all failures as JSON, and nothing told that is not durable yet."""

        async def endpoint(request: Request) -> Response:
            try:
                response = await face(request)
                await self._store.settle()
            except Malformed as failure:
                self._answering.usage.refused(failure.answer)
                return error_response(failure.reply)
            except Refused as failure:
                return error_response(failure.reply)
            except StoreDown as failure:
                self._answering.usage.failed()
                tell(_logger, Event.REPLY_REFUSED, reason=str(failure))
                return error_response(Reply(answers.STORE_DOWN))
            except ClientGone:
                return Response()
            except Exception as error:  # noqa: BLE001  # the last handler: whatever it is, it is told and answered
                self._answering.usage.bugs += 1
                tell(_logger, Event.BUG, error=error)
                return error_response(Reply(answers.STORE_DOWN))
            return response

        return endpoint

    def _face(self, action: Action) -> Face:
        """The endpoint of an action."""

        async def perform(request: Request) -> Response:
            content_type = request.headers.get("content-type", "")
            body = await self._body(request, self._limits.body_bytes_max)
            given = dict(fields_of(body, content_type, request.url.query, action.fields, self._limits))
            bearer = bearer_of(request.headers.get("authorization", ""))
            if action.fields.right is not None and bearer is not None:
                given[action.fields.right] = bearer
            work = self._performing.perform(action, given, wait_s=self._wait_s(request))
            return _json(await while_connected(request.receive, work))

        return perform

    async def _look(self, request: Request) -> Response:
        given = fields_of(b"", "", request.url.query, Look, self._limits)
        named = {name: value for name, value in given.items() if name in Look.__struct_fields__}
        look = actions.fields_of(named, Look)  # what others hang on links that are passed on is nobody's mistake
        header = await self._answering.seating.look(RoomLook(look.game_id))
        return _json(Shown.of(look.game_id, header))

    async def _archive(self, request: Request) -> Response:
        secret = secret_of(request.headers.get("authorization", ""), request.query_params)
        lines = await self._answering.archive.read(Archive(secret, request.path_params["room"]))
        return StreamingResponse(_chunks(lines), media_type="application/jsonl", headers=HEADERS)

    async def _call(self, request: Request) -> Response:
        body = await self._body(request, self._limits.post_bytes_max(is_batch=True))
        bearer = bearer_of(request.headers.get("authorization", ""))
        answer = await while_connected(request.receive, self._rpc.answer(body, bearer, self._wait_s(request)))
        return Response(status_code=204, headers=HEADERS) if answer is None else _json(answer)

    async def _describe(self, _request: Request) -> Response:
        return Response(self._document, headers=HEADERS, media_type="application/json")

    async def _body(self, request: Request, bytes_max: int) -> bytes:
        first = await request.receive()
        if first["type"] == "http.disconnect":
            raise ClientGone
        return await rest_of_body(request.receive, first, bytes_max=bytes_max, too_long=answers.TOO_LARGE)

    def _wait_s(self, request: Request) -> float:
        prefer = ",".join(request.headers.getlist("prefer"))
        return wait_s(prefer, request.url.query, wait_s_max=self._limits.wait_s_max)


def _json(value: object, status: int = 200) -> Response:
    return Response(json_text(value), status, headers=HEADERS, media_type="application/json")


def error_response(reply: Reply) -> Response:
    """An error as JSON, with the headers that its status asks for."""
    response = _json(error_object(reply), reply.answer.http)
    response.raw_headers.extend(retry_after(reply))
    if reply.answer is answers.STORE_DOWN:
        response.headers["retry-after"] = f"{RETRY_AFTER_S}"
    if "retry-after" in response.headers:
        response.headers["access-control-expose-headers"] = "retry-after"
    if reply.answer is answers.NO_RIGHT:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    while chunk := "".join(islice(lines, LINES_PER_CHUNK)):
        yield chunk
