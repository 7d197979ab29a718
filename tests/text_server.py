"""The server without HTTP: lines of text in, reply lines out, on a store whose clock is set by hand."""

import asyncio
import re
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from turnserver.edge.handover import Resumed
from turnserver.messages.relay import GameUpdate
from turnserver.messages.reply import Malformed
from turnserver.messages.requests import Request
from turnserver.messages.rooms import RoomReady, RoomTurn
from turnserver.protocol.limits import Limits
from turnserver.records.opened import Records
from turnserver.service.answering import Answering
from turnserver.service.context import Context
from turnserver.service.distant_path import DistantPath
from turnserver.service.fast_path import FastPath
from turnserver.service.holding import Hold
from turnserver.service.passwords import Passwords
from turnserver.service.rooms.fast_turns import FastTurns
from turnserver.store.memory import MemoryStore
from turnserver.store.redis.store import RedisStore
from turnserver.store.seam import Store, StoreDown
from turnserver.wire import requests

Result = TypeVar("Result")


class TextServer:
    """Answers lines as the real server does, and forgets all at its end.

    Args:
        limits: The settings.
        store: A store to use in place of a new one.
        records: Records to use; without them they are in memory, and gone after each line that asks for them.
        has_fast_path: Whether updates and turns may take theirs; only in a store in this process.
    """

    opens: ClassVar[Callable[[Callable[[], int]], Store]] = MemoryStore
    """Makes the store, from its clock; tests are asked over each engine in turn."""
    loops: ClassVar[Callable[[Coroutine[Any, Any, Any]], Any]] = asyncio.run
    """Runs work that suspends: in the one event loop that a store over a network knows, over memory in a new one."""

    calls_back: ClassVar[bool] = False
    """True lets who waits in a store of this process be called back, as connections are, in place of awaiting."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        store: Store | None = None,
        records: Records | None = None,
        has_fast_path: bool = True,
    ) -> None:
        self.limits = limits or Limits()
        self.now_ms = 0
        self.store = store or type(self).opens(lambda: self.now_ms)
        self.chance = 0
        self.context = Context(
            self.store,
            self.limits,
            coin=lambda: self.chance,
            records=records or Records(),
            passwords=Passwords(self.limits.passwords_waiting_max, memory_kib=8, passes=1, threads=1),
        )
        self.answering = Answering(self.context)
        self.fast_path: FastPath | None = None
        self.fast_turns: FastTurns | None = None
        self.distant_path: DistantPath | None = None
        if has_fast_path and isinstance(self.store, RedisStore):
            self.distant_path = DistantPath(self.store, self.limits, self.context.usage)
        if has_fast_path and isinstance(self.store, MemoryStore):
            self.fast_path = FastPath(self.store, self.limits, self.answering)
            self.fast_turns = FastTurns(self.store, self.limits, self.answering)

    def say(self, line: str | bytes, title: str = "") -> str:
        """The reply to a line."""
        return self.done(self.answer(line, title))

    def runs(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What comes of work that suspends; what it opens it must close."""
        result: Result = type(self).loops(work)
        return result

    def done(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What comes of work on the store; over memory only what asks the records has to be awaited."""
        if not self.store.is_immediate:
            return self.runs(self._closing(work))
        try:
            waits_for = work.send(None)
        except StopIteration as end:
            result: Result = end.value
            return result
        return self.runs(self._closing(Resumed(work, waits_for)))

    async def _closing(self, work: Awaitable[Result]) -> Result:
        try:
            return await work
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the records; after lines that `answer` answered and that ask them."""
        await self.context.beside.close()
        await self.context.records.close()
        self.context.passwords.close()

    async def answer(self, line: str | bytes, title: str = "", wait_s: float = 0) -> str:
        """The reply to a line, for a client that is willing to wait."""
        body = line.encode() if isinstance(line, str) else line
        quick = self._quick(body, wait_s)
        if isinstance(quick, Hold):
            return (await self._called_back(quick)).decode()
        quick = await self._sent(body) if quick is None and not wait_s else quick
        if quick is not None:
            return quick.decode()
        try:
            request = requests.parse(body, self.limits)
        except Malformed as malformed:
            return malformed.reply.line.decode()
        if wait_s and self.calls_back and self.store.is_immediate:
            hold = self.answering.hold(request, title, wait_s)
            reply = await self.answering.take(hold)
            if reply is None:
                return (await self._called_back(self._held(hold))).decode()
            self._learn(request)
            return reply.line.decode()
        reply = await self.answering.answer(request, title, wait_s)
        self._learn(request)
        return reply.line.decode()

    def _quick(self, body: bytes, wait_s: float) -> bytes | Hold | None:
        """What the fast paths say."""
        if self.fast_path is None or self.fast_turns is None or (wait_s and not self.calls_back):
            return None
        quick = self.fast_path.hold(body, wait_s) if wait_s else self.fast_path.update(body)
        return quick or self.fast_turns.turn(body, wait_s)

    async def _sent(self, body: bytes) -> bytes | None:
        """What the path of a distant store says."""
        if self.distant_path is None:
            return None
        told: asyncio.Future[bytes | StoreDown | None] = asyncio.get_running_loop().create_future()
        if not self.distant_path.update(body, told.set_result):
            return None
        reply = await told
        if isinstance(reply, StoreDown):
            raise reply
        return reply

    def _learn(self, request: Request) -> None:
        if self.distant_path is not None and isinstance(request, GameUpdate):
            self.distant_path.learn(request)
        if self.fast_path is not None and isinstance(request, GameUpdate):
            self.fast_path.learn(request)
        if self.fast_turns is not None and isinstance(request, RoomReady | RoomTurn):
            self.fast_turns.learn(request)

    async def _called_back(self, hold: Hold) -> bytes:
        """The line that answers a request that waits as a connection's do."""
        holding, loop = self.answering.holding, asyncio.get_running_loop()
        while True:
            woken: asyncio.Future[bytes | None] = loop.create_future()
            holding.watch(hold, partial(_resolve, woken))
            try:
                line = await woken
            finally:
                holding.end_watch(hold)
            if line is not None:
                return line
            reply = await self.answering.take(hold)
            if reply is not None:
                self._learn(hold.request)
                return reply.line
            self._held(hold)

    def _held(self, hold: Hold) -> Hold:
        if self.fast_path is not None and isinstance(hold.request, GameUpdate):
            self.fast_path.adopt(hold)
        else:
            self._learn(hold.request)
        return hold

    def later(self, seconds: float) -> Self:
        """The same server, some time later."""
        self.now_ms += round(1000 * seconds)
        return self

    def registered(self, name: str = "ann", partner: str = "*", *, key: str = "*", title: str = "") -> str:
        """The pairing key of a new registration."""
        return self.say(f"0,{name},{key},{partner},*", title).removeprefix("0/0/")

    def asks(self, key: str) -> str:
        """The reply to REQUEST_PAIR."""
        return self.say(f"2,*,{key},*,*")

    def pair(self, *, key: str = "*", names: tuple[str, str] = ("ann", "bob"), by_name: bool = False) -> "Pair":
        """Two players who were just paired, the one of the server role first; neither loads yet."""
        wanted = names[::-1] if by_name else ("*", "*")
        server, client = (self.registered(name, other, key=key) for name, other in zip(names, wanted, strict=True))
        self.asks(client)
        assert self.asks(server) == f"0/3/{names[1]}"
        assert self.asks(client) == f"0/4/{names[0]}"
        return Pair(server, client)

    def loading(self, **options: Any) -> "Pair":
        """Two players who load; neither is ready."""
        pair = self.pair(**options)
        assert [self.say(f"3,*,{key},*,*") for key in pair] == ["0/5/", "0/6/"]
        return pair

    def game(self, **options: Any) -> tuple["Seated", "Seated"]:
        """Two players at the beginning of their game, the one of the server role first."""
        pair = self.loading(**options)
        assert self.say(f"4,*,{pair.server},*,*") == "0/7/*"
        client, server = (self.say(f"4,*,{key},*,*") for key in (pair.client, pair.server))
        return Seated.at(self, server), Seated.at(self, client)


def _resolve(woken: "asyncio.Future[bytes | None]", line: bytes | None) -> None:
    if not woken.done():  # who waited may have given up in this round
        woken.set_result(line)


class Pair(NamedTuple):
    """The pairing keys of two players."""

    server: str
    client: str


class Seated(NamedTuple):
    """A player in a game."""

    at_server: TextServer
    key: str
    seat: str

    @classmethod
    def at(cls, server: TextServer, reply: str) -> "Seated":
        """The player that a reply to MAP_READY has seated."""
        assert reply.startswith("0/8/")
        return cls(server, *reply.removeprefix("0/8/").split("|"))

    def line(self, data: str, counter: int | str) -> str:
        """The line of an update."""
        return f"6,{data},{self.key},{self.seat},{counter}"

    def update(self, data: str, counter: int | str) -> str:
        """The reply to an update."""
        return self.at_server.say(self.line(data, counter))

    def poll(self, counter: int | str) -> str:
        """The reply to an empty update."""
        return self.update("", counter)

    def quit(self, counter: int | str) -> str:
        """The reply to GAME_QUIT."""
        return self.at_server.say(f"5,*,{self.key},{self.seat},{counter}")


def is_quiet(reply: str) -> bool:
    """True for a list that has nothing new; who came without a cursor is given one."""
    return re.fullmatch(r"0/(10/\*|(41|50|54|56)/[\w-]{9,})", reply) is not None


def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that never suspends."""
    try:
        work.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    work.close()
    raise AssertionError("it suspended")


class TimelessLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while nothing is left to do: a wait of an hour takes none."""

    def __init__(self) -> None:
        self.now_s = 0.0
        super().__init__(_Leap(self))

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self.now_s


class _Leap(selectors.SelectSelector):
    def __init__(self, loop: TimelessLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Leap to the next timer instead of waiting for it."""
        assert timeout is not None, "everybody waits for ever"
        self._loop.now_s += timeout
        return super().select(0)


def in_no_time(scenario: Callable[[TextServer], Awaitable[Result]], limits: Limits | None = None) -> Result:
    """What a scenario with waits gives; its server's clock is the loop's."""

    async def played() -> Result:
        loop = asyncio.get_running_loop()
        return await scenario(TextServer(limits, store=MemoryStore(lambda: round(1000 * loop.time()))))

    with asyncio.Runner(loop_factory=TimelessLoop) as runner:
        return runner.run(played())
