"""Sessions and rooms for the asynchronous client, over aiohttp: as `client.sessions` and `client.rooms`.

One task may play or wait for items while others configure, send events or leave. A cancelled call leaves the place
whole: what was under way is settled by the next one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Generic, Self

import aiohttp

from turnserver.client import accounts
from turnserver.client import timing as timings
from turnserver.client.address import address
from turnserver.client.async_chats import Chat
from turnserver.client.async_connection import NEEDLESS_HEADERS, Connection
from turnserver.client.async_subscription import Subscription
from turnserver.client.chatting import LOBBY, ROOM, Chatting, checked_channel
from turnserver.client.connection import Observer
from turnserver.client.errors import TurnserverError
from turnserver.client.exchange import Steps, T
from turnserver.client.following import Following
from turnserver.client.game_rules import Commands, Hashed, Rules, S, never, no_commands, nothing_to_do
from turnserver.client.inboxes import Message, of_inbox
from turnserver.client.membership import Membership, Setup
from turnserver.client.running import Running
from turnserver.client.seating import Seating, checked_name, checked_room, wishes_of
from turnserver.client.sessions import new_mark
from turnserver.client.timing import Timing
from turnserver.client.visiting import Visiting
from turnserver.messages.items import Item
from turnserver.messages.rooms import Filter, Listed


class Session:
    """Who a player is; see `turnserver.client.sessions.Session`. Use it with `async with`, around all of its rooms."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        title: str = "",
        timing: Timing = timings.DEFAULT,
        observe: Observer | None = None,
    ) -> None:
        self._address = address(url, title=title)
        self._timing = timing
        self._observe = observe
        self._seating = Seating(token, timing, new_mark)
        self._http: aiohttp.ClientSession | None = None

    @classmethod
    @asynccontextmanager
    async def login(  # noqa: PLR0913  # an option each; all but three can be left out
        cls,
        url: str,
        name: str,
        password: str,
        *,
        token: str | None = None,
        title: str = "",
        timing: Timing = timings.DEFAULT,
        observe: Observer | None = None,
    ) -> AsyncIterator[Self]:
        """A new session of an account, for `async with`; see `turnserver.client.sessions.Session.login`."""
        async with cls(url, title=title, timing=timing, observe=observe) as session:
            steps = accounts.log_in(name, password, known=token, timing=timing)
            session._seating.token = await session._perform(steps)
            yield session

    @classmethod
    @asynccontextmanager
    async def register(  # noqa: PLR0913  # an option each; all but three can be left out
        cls,
        url: str,
        name: str,
        password: str,
        *,
        email: str = "",
        guest: str | None = None,
        title: str = "",
        timing: Timing = timings.DEFAULT,
        observe: Observer | None = None,
    ) -> AsyncIterator[Self]:
        """Make an account, for `async with`; see `turnserver.client.sessions.Session.register`."""
        async with cls(url, title=title, timing=timing, observe=observe) as session:
            steps = accounts.register(name, password, email=email, guest=guest, timing=timing)
            session._seating.token = await session._perform(steps)
            yield session

    async def set_email(self, email: str, password: str) -> None:
        """Set where the server may mail a token to; see `turnserver.client.sessions.Session.set_email`."""
        await self._perform(accounts.set_email(await self.token(), password, email, timing=self._timing))

    async def logout(self) -> None:
        """End this session; see `turnserver.client.sessions.Session.logout`."""
        if self._seating.token is not None:
            await self._perform(accounts.log_out(self._seating.token, timing=self._timing))

    async def token(self) -> str:
        """The secret that stands for this player; see `turnserver.client.sessions.Session.token`."""
        return await self._perform(self._seating.open())

    async def create(self, room: Mapping[str, Any], *, name: str | None = None) -> "Room":
        """Make a room, and take its first seat; see `turnserver.client.sessions.Session.create`."""
        return self._room(await self._perform(self._seating.create(wishes_of(room), checked_name(name))))

    async def join(self, room: str, *, name: str | None = None) -> "Room":
        """Take a seat, or one's own again; see `turnserver.client.sessions.Session.join`."""
        return self._room(await self._perform(self._seating.join(checked_room(room), checked_name(name))))

    async def watch(self, room: str) -> "Room":
        """Watch without a seat; see `turnserver.client.sessions.Session.watch`."""
        return self._room(await self._perform(self._seating.watch(checked_room(room))))

    async def list(
        self,
        *,
        engine: str | None = None,
        name: str | None = None,
        state: str | None = None,
        has_seat: bool | None = None,
    ) -> list[Listed]:
        """The open rooms of the title, newest first; see `turnserver.client.sessions.Session.list`."""
        return await self._perform(self._seating.list(Filter(engine, name, state, has_seat)))

    async def chat(self, channel: str = LOBBY) -> Chat:
        """A lobby channel of the title; see `turnserver.client.sessions.Session.chat`."""
        where = checked_channel(channel)
        return Chat(Chatting(await self.token(), where, self._timing), self._connection(), self._timing)

    async def inbox(self, *, after: str | None = None) -> Subscription[Message]:
        """This user's inbox; see `turnserver.client.sessions.Session.inbox`."""
        return Subscription(
            Following(of_inbox(await self.token()), after, self._timing), self._connection(), self._timing
        )

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(skip_auto_headers=NEEDLESS_HEADERS, raise_for_status=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._http is not None
        await self._http.close()

    def _connection(self) -> Connection:
        if self._http is None:
            raise RuntimeError("use the session with `async with`")
        return Connection(self._http, self._address, self._timing, self._observe)

    async def _perform(self, steps: Steps[T]) -> T:
        return await self._connection().perform(steps)

    def _room(self, member: Membership) -> "Room":
        return Room(member, self._connection(), self._timing)


class Room:
    """A place in a room; see `turnserver.client.rooms.Room`. Use it with `async with`, which leaves at the end."""

    def __init__(self, member: Membership, connection: Connection, timing: Timing) -> None:
        self._connection = connection
        self._timing = timing
        self._visiting = Visiting(member, timing)

    @property
    def id(self) -> str:
        """What others join, watch and list it by."""
        return self._visiting.member.room

    @property
    def seat(self) -> int | None:
        """This player's seat, from 0; None for a viewer."""
        return self._visiting.member.seat

    @property
    def setup(self) -> Setup:
        """What the game begins from: engine, seed, configuration and members, as far as items were read."""
        return self._visiting.member.setup

    @property
    def state(self) -> str:
        """`setup` or `running`, with the game's own states behind slashes, or `ended/WHY`."""
        return self._visiting.member.state

    @property
    def ready_seats(self) -> frozenset[int]:
        """The seats that are ready to begin."""
        return self._visiting.member.ready

    async def configure(self, patch: Mapping[str, Any]) -> None:
        """Change the configuration; see `turnserver.client.rooms.Room.configure`."""
        await self._send(self._visiting.configure(patch))

    async def ready(self, *, is_ready: bool = True) -> None:
        """Be ready to begin, or no longer; see `turnserver.client.rooms.Room.ready`."""
        await self._send(self._visiting.ready(is_ready=is_ready))

    async def begin(self) -> Setup:
        """Be ready, and wait for the game; see `turnserver.client.rooms.Room.begin`."""
        while self._visiting.member.is_setup:
            if self.seat is not None:
                await self.ready()
            await self._wait(self._timing.hold_s, lambda: not self._visiting.is_settled)
        return self.setup

    async def event(self, event: str) -> None:
        """Send an event of the room's state chart; see `turnserver.client.rooms.Room.event`."""
        await self._send(self._visiting.event(event))

    async def receive(self, *, wait_s: float = 20.0) -> list[Item]:
        """All items that came; see `turnserver.client.rooms.Room.receive`."""
        await self._wait(wait_s, lambda: self._visiting.has_items or self._visiting.member.is_over)
        return self._visiting.take()

    def lockstep(  # noqa: PLR0913  # an option each; all but two can be left out
        self,
        step: Callable[[S, int, Commands], S],
        state: S,
        *,
        generation: int = 0,
        commands: Callable[[int, S], str] = no_commands,
        until: Callable[[S], bool] = never,
        digest: Callable[[S], Hashed] | None = None,
        digest_every: int = 1,
        framerate: int | None = None,
        on_item: Callable[[Item], None] = nothing_to_do,
        on_refused: Callable[[int, str], None] = nothing_to_do,
    ) -> "LockStep[S]":
        """The game of this room, to be run; see `turnserver.client.rooms.Room.lockstep`."""
        rules = Rules(
            step=step,
            commands=commands,
            until=until,
            digest=digest,
            digest_every=digest_every,
            framerate=framerate,
            on_item=on_item,
            on_refused=on_refused,
        )
        return LockStep(Running(self._visiting, rules, state, generation, self._timing), self._connection)

    def chat(self) -> Chat:
        """The room's channel; see `turnserver.client.rooms.Room.chat`."""
        member = self._visiting.member
        chatting = Chatting(member.key, ROOM, self._timing, name=member.name)
        return Chat(chatting, self._connection.another(), self._timing)

    async def leave(self) -> None:
        """Give the seat up for good; see `turnserver.client.rooms.Room.leave`."""
        await self._send(self._visiting.leave())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(TurnserverError):
            await self.leave()

    async def _send(self, steps: Steps[None]) -> None:
        async with self._connection.for_sending():
            await self._connection.perform(steps)

    async def _wait(self, wait_s: float, has_news: Callable[[], bool]) -> None:
        ends_s = time.monotonic() + wait_s
        left_s = wait_s
        while not has_news():
            async with self._connection.for_waiting():
                if not has_news():
                    await self._connection.perform(self._visiting.poll(int(min(left_s, self._timing.hold_s))))
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                return


class LockStep(Generic[S]):
    """A running game; see `turnserver.client.rooms.LockStep`. The step function runs in the event loop."""

    def __init__(self, running: Running[S], connection: Connection) -> None:
        self._running = running
        self._connection = connection

    @property
    def state(self) -> S:
        """The game after `generation`."""
        return self._running.state

    @property
    def generation(self) -> int:
        """The newest generation that was executed; 0 before the first."""
        return self._running.generation

    @property
    def turn_ms(self) -> int:
        """How long a turn is now."""
        return self._running.beat.turn_ms

    @property
    def is_over(self) -> bool:
        """True once `run` has nothing more to do."""
        return self._running.is_over

    async def run(self) -> S:
        """Play to the end; see `turnserver.client.rooms.LockStep.run`."""
        while not self.is_over:
            await self.turn()
        return self.state

    async def turn(self) -> None:
        """Rest until the next turn is due, and play it; see `turnserver.client.rooms.LockStep.turn`."""
        await asyncio.sleep(self._running.rest_s(time.monotonic()))
        async with self._connection.for_waiting():
            await self._connection.perform(self._running.round(time.monotonic()))
