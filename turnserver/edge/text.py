"""The text protocol's endpoint: raw ASGI, nothing between the server and the rules."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive, Scope, Send

from turnserver.edge.body import ClientGone, rest_of_body
from turnserver.edge.exchange import Exchange, Response, headers_of, refusal
from turnserver.messages.reply import Malformed
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.paths import TextPath
from turnserver.wire.prefer import wait_s

Result = TypeVar("Result")


class TextEndpoint:
    """Answers POSTs of lines of text."""

    def __init__(self, exchange: Exchange, limits: Limits) -> None:
        self._exchange = exchange
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send, path: TextPath) -> None:
        """Serve one POST."""
        origin = preference = b""
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
            elif name == b"prefer":
                preference += b"," + value  # several headers are one list
        try:
            body = await self._body(scope, receive, path)
            if preference or scope["query_string"]:
                seconds = wait_s(
                    preference.decode("latin-1"),
                    scope["query_string"].decode("latin-1"),
                    wait_s_max=self._limits.wait_s_max,
                )
                response = await while_connected(receive, self._exchange.respond(body, path, seconds))
            else:
                response = await self._exchange.respond(body, path)
        except Malformed as malformed:
            self._exchange.usage.refused(malformed.answer)
            response = refusal(malformed.answer)
        except ClientGone:
            return
        self._exchange.usage.sent_bytes += len(response.body)
        await _send(send, response, has_origin=bool(origin))

    async def _body(self, scope: Scope, receive: Receive, path: TextPath) -> bytes:
        first = await receive()
        if first["type"] == "http.disconnect":
            raise ClientGone
        body: bytes = first["body"]
        if first.get("more_body", False):
            return await rest_of_body(
                receive,
                first,
                bytes_max=self._limits.post_bytes_max(path.is_batch),
                too_long=answers.TOO_LARGE if path.is_batch else answers.BODY_TOO_LONG,
            )
        if not body and not _has_length(scope):
            raise Malformed(answers.NO_LENGTH)
        return body


async def _send(send: Send, response: Response, *, has_origin: bool) -> None:
    headers = headers_of(response, has_origin=has_origin)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _has_length(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def while_connected(receive: Receive, work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` returns; it is given up when the client goes away, so that nobody seems to wait who does not."""
    task = asyncio.current_task()
    assert task is not None

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        task.cancel()

    watcher = asyncio.create_task(watch())
    try:
        return await work
    except asyncio.CancelledError:
        if watcher.done():
            raise ClientGone from None
        raise
    finally:
        watcher.cancel()
