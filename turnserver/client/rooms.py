"""Rooms for the synchronous client: `Room` is a place in one, `LockStep` its game. A `sessions.Session` makes them.

One thread may play or wait for items while others configure, send events or leave: what is handed in ends the wait at
once, and the wait goes on after it.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, Self

from turnserver.client.address import Address
from turnserver.client.chats import Chat
from turnserver.client.chatting import ROOM, Chatting
from turnserver.client.connection import Connection, Observer
from turnserver.client.errors import TurnserverError
from turnserver.client.exchange import Steps
from turnserver.client.floor import Floor
from turnserver.client.game_rules import Commands, Hashed, Rules, S, never, no_commands, nothing_to_do
from turnserver.client.membership import Membership, Setup
from turnserver.client.running import Running
from turnserver.client.timing import Timing
from turnserver.client.visiting import Visiting
from turnserver.messages.items import Item


class Room:
    """A place in a room. Use it with `with`, which leaves at the end; call `close` instead to come back later."""

    def __init__(self, member: Membership, where: Address, timing: Timing, observe: Observer | None) -> None:
        self._floor = Floor()
        self._connection = Connection(where, timing, self._floor, observe)
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

    def configure(self, patch: Mapping[str, Any]) -> None:
        """Change the configuration by a JSON merge patch: None takes a member away. Nobody is ready any more then.

        Raises:
            WrongState: The game runs already.
            BadRequest: The configuration would be too large.
            Unreachable: It is not known whether it was changed. The same call again changes it once.
        """
        self._send(self._visiting.configure(patch))

    def ready(self, *, is_ready: bool = True) -> None:
        """Be ready to begin with the newest configuration, or no longer.

        Raises:
            TurnserverError: As for `configure`.
        """
        self._send(self._visiting.ready(is_ready=is_ready))

    def begin(self) -> Setup:
        """Be ready, again after each change of the configuration, and wait for the game; what it begins from.

        Raises:
            TurnserverError: As for `configure`.
        """
        while self._visiting.member.is_setup:
            if self.seat is not None:
                self.ready()
            self._wait(self._timing.hold_s, lambda: not self._visiting.is_settled)
        return self.setup

    def event(self, event: str) -> None:
        """Send an event of the room's state chart; `pause` and `resume` always exist.

        Raises:
            WrongState: The chart does not take it now.
            NotAllowed: Others may send it.
            TurnserverError: As for `configure`.
        """
        self._send(self._visiting.event(event))

    def receive(self, *, wait_s: float = 20.0) -> list[Item]:
        """All items that came, oldest first; empty if none came within `wait_s`. 0 does not wait.

        Raises:
            TurnserverError: As for `configure`.
        """
        self._wait(wait_s, lambda: self._visiting.has_items or self._visiting.member.is_over)
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
        """The game of this room, to be run.

        Args:
            step: `(state, generation, commands)` to the next state: the same everywhere for the same arguments.
            state: The state after `generation`; for the first one, what follows from `setup`.
            generation: 0, or that of a saved state: packets up to it are passed over.
            commands: `(generation, state)` to this player's commands for that generation, one line of text or "". It is
                asked once for each generation, as many ahead of the state as the room's lookahead.
            until: True for a state in which the game is over: `run` returns once all players have reported its hash.
            digest: A hash of a state as text, or as texts by part; None compares nothing.
            digest_every: After how many generations a hash is made and reported.
            framerate: How many iterations a second the game wants; less is reported when `step` takes too long. None
                reports nothing, and each turn then is one iteration.
            on_item: Called with all items that are no packets: who lags, pauses, leaves.
            on_refused: Called with `(generation, commands)` of a turn that is in no packet: it came too late.
        """
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
        running = Running(self._visiting, rules, state, generation, self._timing)
        return LockStep(running, self._connection, self._floor, self._timing)

    def chat(self) -> Chat:
        """The room's channel, where its members talk: `NotAllowed` for viewers, `NoRight` for an old key."""
        member = self._visiting.member
        chatting = Chatting(member.key, ROOM, self._timing, name=member.name)
        return Chat(chatting, self._connection.another(), self._timing)

    def leave(self) -> None:
        """Give the seat up for good; the room goes on with the others.

        Raises:
            Unreachable: The server did not hear it.
        """
        with self._floor.for_sending(wait_s=self._timing.quit_s):
            try:
                self._connection.perform(self._visiting.leave())
            finally:
                self._connection.close()

    def close(self) -> None:
        """Close the connection and keep the seat, to be joined again."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(TurnserverError):
            self.leave()

    def _send(self, steps: Steps[None]) -> None:
        with self._floor.for_sending():
            self._connection.perform(steps)

    def _wait(self, wait_s: float, has_news: Callable[[], bool]) -> None:
        ends_s = time.monotonic() + wait_s
        left_s = wait_s
        while not has_news():
            hold_s = int(min(left_s, self._timing.hold_s))
            with self._floor.for_waiting(has_news, wait_s=left_s) as has_floor:
                if has_floor:
                    self._connection.perform(self._visiting.poll(hold_s))
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                return


class LockStep(Generic[S]):
    """A running game. After `Unreachable` call again, and it goes on where it was."""

    def __init__(self, running: Running[S], connection: Connection, floor: Floor, timing: Timing) -> None:
        self._running = running
        self._connection = connection
        self._floor = floor
        self._timing = timing

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

    def run(self) -> S:
        """Play to the end; the last state.

        Raises:
            Diverged: The players' games are no longer the same.
            SeatLost: The room goes on without this seat.
            RoomEnded: The room was closed, or nobody used it; or this member has left.
            NoRight: The seat has a newer key: this session has joined again.
            Unreachable: The server did not answer. Nothing is lost: call again.
            TurnserverError: See `turnserver.client.errors`.
        """
        while not self.is_over:
            self.turn()
        return self.state

    def turn(self) -> None:
        """Rest until the next turn is due, and play it if it is there; else wait for it, for about `Timing.hold_s`.

        Raises:
            TurnserverError: As for `run`.
        """
        rest_s = self._running.rest_s(time.monotonic())
        if rest_s:
            time.sleep(rest_s)
        with self._floor.for_waiting(lambda: False, wait_s=self._timing.hold_s) as has_floor:
            if has_floor:
                self._connection.perform(self._running.round(time.monotonic()))
