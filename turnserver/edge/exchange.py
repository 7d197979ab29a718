"""From a request's body to the response, whichever way it came in: the one place where failures become replies."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from turnserver.events import Event, tell
from turnserver.messages.relay import GameUpdate
from turnserver.messages.reply import Malformed, Reply
from turnserver.messages.requests import Request
from turnserver.messages.rooms import RoomReady, RoomTurn
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol
from turnserver.service.answering import Answering
from turnserver.service.fast_path import FastPath
from turnserver.service.holding import Hold
from turnserver.service.rooms.cached_room import SYMBOL as ROOM_TURN
from turnserver.service.rooms.fast_turns import FastTurns
from turnserver.service.usage import BATCH, FAMILIES
from turnserver.store.seam import Store, StoreDown
from turnserver.wire import requests
from turnserver.wire.paths import TextPath

if TYPE_CHECKING:  # a server without Redis need not have what it imports
    from turnserver.service.distant_path import DistantPath

RETRY_AFTER_S = 1
"""When a client is told to try again after a failure of the store."""

Told = Callable[[bytes | StoreDown | None], None]
"""See `service.distant_path.Answered`."""

_logger = logging.getLogger("turnserver.edge")


class Response(Struct, frozen=True, gc=False):
    """What travels back over HTTP."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """Further headers; length and type follow from the body."""


class Exchange:
    """Answers bodies of text.

    Args:
        answering: The use cases.
        store: Settled before a reply leaves.
        limits: Sizes count.
        fast_path: Answers most updates; None where the store is in another process.
        fast_turns: Answers most turns of rooms, likewise.
        distant_path: Answers most updates where the store is in another process.
    """

    def __init__(
        self,
        answering: Answering,
        store: Store,
        limits: Limits,
        fast_path: FastPath | None = None,
        fast_turns: FastTurns | None = None,
        distant_path: "DistantPath | None" = None,
    ) -> None:
        self._answering = answering
        self._store = store
        self._limits = limits
        self.usage = answering.usage
        self.holding = answering.holding
        self.latest_s = 0.0
        """The seconds that the latest POST took that was not held."""
        self._quick: Callable[[bytes], bytes | None] = fast_path.update if fast_path is not None else _nothing
        self._quick_batch: Callable[[bytes], bytes | None] = fast_path.batch if fast_path is not None else _nothing
        self._quick_turn: Callable[[bytes, float], bytes | Hold | None] = (
            fast_turns.turn if fast_turns is not None else _nothing
        )
        self._quick_hold: Callable[[bytes, float], bytes | Hold | None] = (
            fast_path.hold if fast_path is not None else _nothing
        )
        self._send: Callable[[bytes, Told], bool | None] = _nothing if distant_path is None else distant_path.update
        self._learns: dict[type, Callable[[Any], None]] = {}
        self._adopts: dict[type, Callable[[Hold], None]] = {}
        if fast_path is not None:
            self._learns[GameUpdate], self._adopts[GameUpdate] = fast_path.learn, fast_path.adopt
        if distant_path is not None:
            self._learns[GameUpdate] = distant_path.learn
        if fast_turns is not None:
            self._learns[RoomReady] = self._learns[RoomTurn] = fast_turns.learn

    def update(self, body: bytes) -> bytes | None:
        """The reply to an update that needs no more than the next step; None for all else, which `answer` answers.

        It must not leave before the store has settled.
        """
        started_s = time.perf_counter()
        line = self._quick(body)
        if line is not None:
            self.latest_s = took_s = time.perf_counter() - started_s
            if started_s >= self.usage.sample_due_s:
                self.usage.timed(FAMILIES[Symbol.GAME_UPDATE.value.encode()], started_s=started_s, took_s=took_s)
        return line

    def send(self, body: bytes, answered: Callable[[bytes | Response | None], None]) -> bool:
        """Begin to answer an update that needs no more than the next step; False for all else, which `answer` answers.

        Args:
            body: The update.
            answered: Called once if this returns True, after it does: with the reply, with the response in its place,
                or with None where `answer` must answer after all. Nothing may leave before the store has settled.
        """
        started_s = time.perf_counter()

        def told(reply: bytes | StoreDown | None) -> None:
            if isinstance(reply, StoreDown):
                self.usage.failed()
                answered(store_down(reply))
                return
            if reply is not None:
                self._timed(body, started_s, is_batch=False)
            answered(reply)

        return bool(self._send(body, told))

    def batch(self, body: bytes) -> bytes | None:
        """The replies to a batch that is one player's next updates; None for all others, which `answer` answers.

        They must not leave before the store has settled.
        """
        started_s = time.perf_counter()
        lines = self._quick_batch(body)
        if lines is not None:
            self._timed(body, started_s, is_batch=True)
        return lines

    def turn(self, body: bytes) -> Response | None:
        """What comes of a room's turn that is as usual; None for all else, which `answer` answers.

        The response must not leave before the store has settled.
        """
        answered = self.hold(body, 0) if body.startswith(ROOM_TURN) else None
        assert not isinstance(answered, Hold)
        return answered

    def hold(self, body: bytes, wait_s: float) -> Response | Hold | None:
        """What comes of a usual update or turn that is willing to wait; None for all else, which `begin` answers.

        The response must not leave before the store has settled; `watch` may also give a line to who is held.
        """
        started_s = time.perf_counter()
        quick = self._quick_turn if body.startswith(ROOM_TURN) else self._quick_hold
        answered = quick(body, wait_s)
        if answered is None or isinstance(answered, Hold):
            return answered
        self._timed(body, started_s, is_batch=False)
        return Response(200, answered)

    async def respond(self, body: bytes, path: TextPath, wait_s: float = 0) -> Response:
        """The response to one POST; it is there when all that it tells is as durable as promised."""
        return await self.settled(self.answer(body, path, wait_s))

    async def settled(self, answering: Awaitable[Response]) -> Response:
        """The response that comes of `answering`, when all that it tells is as durable as promised."""
        response = await answering
        try:
            if not self._store.is_settled:
                await self._store.settle()
        except StoreDown as failure:
            return self.unsettled(failure)
        return response

    async def answer(self, body: bytes, path: TextPath, wait_s: float = 0) -> Response:
        """The response to one POST, which must not leave before the store has settled.

        Over a store in this process it never suspends unless `wait_s` is given: it can be run to its end in the
        callback that read the request.
        """
        quick = None if wait_s else self.batch(body) if path.is_batch else self.update(body)
        if quick is not None:
            return Response(200, quick)
        turned = None if wait_s or path.is_batch else self.turn(body)
        if turned is not None:
            return turned
        started_s = time.perf_counter()
        holds = self.usage.holds if wait_s else 0
        try:
            if path.is_batch:
                response = Response(200, await self._batch(body, path.title))
            else:
                request = requests.parse(body, self._limits)
                reply = await self._answering.answer(request, path.title, wait_s)
                if not wait_s:
                    self._learn(request)
                response = Response(reply.answer.http, reply.line, retry_after(reply))
        except Exception as error:  # noqa: BLE001  # the last handler: whatever it is, it is told and answered
            return self._failed(error)
        if not wait_s or self.usage.holds == holds:
            self._timed(body, started_s, is_batch=path.is_batch)
        return response

    async def begin(self, body: bytes, path: TextPath, wait_s: float) -> Response | Hold:
        """The response to one line that is willing to wait, or, while there is nothing to say, the hold that it is in.

        As `answer`, but over a store in this process it never suspends: `watch` says when it is time to `go_on`.
        """
        started_s = time.perf_counter()
        try:
            request = requests.parse(body, self._limits)
            hold = self._answering.hold(request, path.title, wait_s)
            reply = await self._answering.take(hold)
        except Exception as error:  # noqa: BLE001  # see `answer`
            return self._failed(error)
        if reply is None:
            return self._held(hold)
        self._learn(request)
        self._timed(body, started_s, is_batch=False)
        return Response(reply.answer.http, reply.line, retry_after(reply))

    async def go_on(self, hold: Hold) -> Response | Hold:
        """The response to a request that was held, or the hold while there is still nothing to say."""
        try:
            reply = await self._answering.take(hold)
        except Exception as error:  # noqa: BLE001  # see `answer`
            return self._failed(error)
        if reply is None:
            return self._held(hold)
        self._learn(hold.request)
        return Response(reply.answer.http, reply.line, retry_after(reply))

    def _held(self, hold: Hold) -> Hold:
        """The hold, once the fast paths know of it."""
        adopt = self._adopts.get(type(hold.request))
        if adopt is None:
            self._learn(hold.request)
        else:
            adopt(hold)
        return hold

    def _failed(self, error: Exception) -> Response:
        """The response in place of an answer that failed, by the kind of the failure."""
        if isinstance(error, Malformed):
            self.usage.refused(error.answer)
            return Response(error.answer.http, error.reply.line)
        if isinstance(error, StoreDown):
            self.usage.failed()
            return store_down(error)
        self.usage.bugs += 1
        tell(_logger, Event.BUG, error=error)
        return refusal(answers.STORE_DOWN)

    def _timed(self, body: bytes, started_s: float, *, is_batch: bool) -> None:
        """Take note of the time that an answer took which was not held."""
        self.latest_s = time.perf_counter() - started_s
        if started_s >= self.usage.sample_due_s:
            family = BATCH if is_batch else FAMILIES[body.partition(b",")[0]]
            self.usage.timed(family, started_s=started_s, took_s=self.latest_s)

    def unsettled(self, failure: BaseException) -> Response:
        """The response in place of one that was answered and could not be made durable: nothing is acknowledged."""
        self.usage.failed(was_answered=True)
        return store_down(failure)

    async def _batch(self, body: bytes, title: str) -> bytes:
        """The replies to a batch's lines, in order, joined by line feeds."""
        if not body:
            raise Malformed(answers.NO_BODY)
        lines = body.removesuffix(b"\n").split(b"\n")
        if len(lines) > self._limits.batch_lines_max or max(map(len, lines)) > self._limits.body_bytes_max:
            raise Malformed(answers.TOO_LARGE)
        if not self._store.is_immediate:
            return b"\n".join(await self._batch_afar(lines, title))
        return b"\n".join([self._quick(line) or await self._batched(line, title) for line in lines])

    async def _batch_afar(self, lines: list[bytes], title: str) -> list[bytes]:
        """The replies to lines over a store in another process: usual updates are under way together.

        What is no usual update begins when all before it are answered.
        """
        replies: list[bytes] = []
        under_way: list[asyncio.Future[bytes | StoreDown | None]] = []
        for line in lines:
            told = self._sent(line)
            if told is None and under_way:
                replies += await self._gathered(lines[len(replies) :], under_way, title)
                under_way = []
                told = self._sent(line)  # it may be the next after one of those
            if told is None:
                replies.append(await self._batched(line, title))
            else:
                under_way.append(told)
        return replies + await self._gathered(lines[len(replies) :], under_way, title)

    def _sent(self, line: bytes) -> "asyncio.Future[bytes | StoreDown | None] | None":
        told: asyncio.Future[bytes | StoreDown | None] = asyncio.get_running_loop().create_future()

        def answered(reply: bytes | StoreDown | None) -> None:
            if not told.done():  # who is gone has cancelled it
                told.set_result(reply)

        return told if self._send(line, answered) else None

    async def _gathered(
        self, lines: list[bytes], under_way: "list[asyncio.Future[bytes | StoreDown | None]]", title: str
    ) -> list[bytes]:
        replies = []
        for line, told in zip(lines, under_way, strict=False):
            reply = await told
            if isinstance(reply, StoreDown):
                raise reply
            replies.append(reply or await self._batched(line, title))
        return replies

    async def _batched(self, line: bytes, title: str) -> bytes:
        try:
            request = requests.parse(line, self._limits)
            reply = await self._answering.answer(request, title)
        except Malformed as malformed:
            self.usage.refused(malformed.answer)
            return malformed.reply.line
        self._learn(request)
        return reply.line

    def _learn(self, request: Request) -> None:
        """Let a fast path answer the sender's further requests of the kind, if there is one for it."""
        learn = self._learns.get(type(request))
        if learn is not None:
            learn(request)


def _nothing(*_of: object) -> None:
    """What a fast path does that is not there."""


def store_down(failure: BaseException) -> Response:
    """The response where the store has failed: nothing is acknowledged."""
    tell(_logger, Event.REPLY_REFUSED, reason=str(failure))
    return refusal(answers.STORE_DOWN)


def retry_after(reply: Reply) -> tuple[tuple[bytes, bytes], ...]:
    """The header that says when to ask again, where the reply names the seconds: they are its body."""
    return ((b"retry-after", reply.body),) if reply.answer is answers.TOO_MANY_REQUESTS else ()


def headers_of(response: Response, *, has_origin: bool) -> list[tuple[bytes, bytes]]:
    """A response's headers: its length always, its type only where it is not plain ASCII.

    Pages of any origin may read it, and when to ask again: nothing here rides on cookies.
    """
    headers = [(b"content-length", b"%d" % len(response.body))]
    if not response.body.isascii():
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
    if has_origin:
        headers.append((b"access-control-allow-origin", b"*"))
        if any(name == b"retry-after" for name, _ in response.headers):
            headers.append((b"access-control-expose-headers", b"retry-after"))
    headers.extend(response.headers)
    return headers


def refusal(answer: Answer) -> Response:
    """The response that says no more than `answer`."""
    retry_after = ((b"retry-after", b"%d" % RETRY_AFTER_S),) if answer is answers.STORE_DOWN else ()
    return Response(answer.http, Reply(answer).line, retry_after)
