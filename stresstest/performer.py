"""Performs a player's steps over HTTP, lets the bad network strike, and writes down what was seen."""

import asyncio
import time

from stresstest.checker import Verdict
from stresstest.connection import Connection, NoReply, Target
from stresstest.network import GOOD, Fate, Network
from stresstest.record import NO_REPLY, NOT_A_REPLY, Record, Slot
from stresstest.scenarios.player import TURN
from stresstest.steps import Abandoned, Missed, Outcome, Pause, Post, Step, Steps
from turnserver.messages.reply import Reply
from turnserver.wire import replies

COPIES_MAX = 4
"""Copies of one player's requests under way at once; more are not made."""


class Performer:
    """Performs the steps of one player, and is its ledger.

    Args:
        server: Where requests go.
        timeout_s: When a request is given up.
        network: Decides what happens to posts.
        record: Where to write down what was seen, shared with other players of this process.
        began_s: When the run began, by `time.monotonic`.
    """

    def __init__(self, server: Target, timeout_s: float, network: Network, record: Record, *, began_s: float) -> None:
        self._server = server
        self._timeout_s = timeout_s
        self._network = network
        self._record = record
        self._began_s = began_s
        self._connections: list[Connection] = []
        self._copies: set[asyncio.Task[None]] = set()
        self._has_met_error = False

    async def perform(self, steps: Steps[None]) -> None:
        """Perform all steps; a game that is given up is written down."""
        try:
            await self._hand(steps, 0)
        except Abandoned as why:
            self._record.reason(str(why))
            self._met_error()

    async def _hand(self, steps: Steps[None], index: int) -> None:
        """Perform steps over the connection of that index, which is kept for the next game."""
        if index == len(self._connections):
            self._connections.append(Connection(self._server, self._timeout_s))
        outcome: Outcome = None
        try:
            while True:
                outcome = await self._step(steps.send(outcome), self._connections[index])
        except StopIteration:
            return
        finally:
            steps.close()

    async def _step(self, step: Step, connection: Connection) -> Outcome:
        if isinstance(step, Post):
            return await self._post(step, connection)
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        hands = (self._hand(steps, index) for index, steps in enumerate(step.hands))
        for ended in await asyncio.gather(*hands, return_exceptions=True):
            if ended is not None:
                raise ended
        return None

    async def close(self) -> None:
        """End all that is under way."""
        for copy in tuple(self._copies):
            copy.cancel()
        await asyncio.gather(*self._copies, return_exceptions=True)
        for connection in self._connections:
            connection.close()

    def arrived(self, kind: str, latency_s: float | None) -> None:
        """A message arrived (see `Ledger`)."""
        slot = self._slot()
        slot.delivered += 1
        if latency_s is not None:
            slot.way(kind).add(round(latency_s * 1e6))

    def turned(self, latency_s: float) -> None:
        """A turn's packet arrived (see `Ledger`)."""
        self._slot().way(TURN).add(round(latency_s * 1e6))

    def settled(self, kind: str, verdict: Verdict, *, is_whole: bool) -> None:
        """A game is over (see `Ledger`)."""
        self._record.verdicts[kind] = self._record.verdicts.get(kind, Verdict()) + verdict
        if is_whole:
            self._record.games += 1
        else:
            self._record.games_broken += 1

    async def _post(self, post: Post, connection: Connection) -> Outcome:
        fate = GOOD if self._network.is_good else self._network.fate()
        if fate is not GOOD:
            await self._strike(post, fate, connection)
        if fate.loses_request:
            return Missed("lost on purpose")
        started_s = time.monotonic()
        try:
            response = await connection.post(post.line, post.wait_s)
        except NoReply as why:
            return self._missed(NO_REPLY, str(why))
        took_s = time.monotonic() - started_s
        if fate.loses_reply:
            connection.close()
            return Missed("lost on purpose")
        try:
            reply = replies.parse(response.body)
        except ValueError:
            return self._missed(NOT_A_REPLY, f"HTTP status {response.status} with no line of the protocol")
        self._note(post, reply, took_s)
        return reply

    async def _strike(self, post: Post, fate: Fate, connection: Connection) -> None:
        """All that happens before a post leaves."""
        mischief = self._record.mischief
        mischief.requests_lost += fate.loses_request
        mischief.replies_lost += fate.loses_reply
        if fate.copy_after_s is not None and len(self._copies) < COPIES_MAX:
            mischief.copies += 1
            copy = asyncio.create_task(self._copy(post, fate.delay_s + fate.copy_after_s))
            self._copies.add(copy)
            copy.add_done_callback(self._copies.discard)
        if fate.delay_s:
            mischief.delays += 1
            await asyncio.sleep(fate.delay_s)
        if fate.loses_request:
            connection.close()

    async def _copy(self, post: Post, after_s: float) -> None:
        """Post once more, later, on another connection; nobody hears the reply."""
        await asyncio.sleep(after_s)
        connection = Connection(self._server, self._timeout_s)
        try:
            await connection.post(post.line)
        except NoReply:
            self._record.reason("a copy got no reply")
        finally:
            connection.close()

    def _note(self, post: Post, reply: Reply, took_s: float) -> None:
        slot = self._slot()
        slot.latency(post.row).add(round(took_s * 1e6))
        code = reply.answer.code
        slot.codes[code] = slot.codes.get(code, 0) + 1
        if reply.answer not in post.expected:
            self._record.failed(slot, code)
            self._met_error()

    def _missed(self, code: str, why: str) -> Missed:
        slot = self._slot()
        slot.codes[code] = slot.codes.get(code, 0) + 1
        self._record.failed(slot, code)
        self._record.reason(why)
        self._met_error()
        return Missed(why)

    def _met_error(self) -> None:
        self._record.players_with_errors += not self._has_met_error
        self._has_met_error = True

    def _slot(self) -> Slot:
        return self._record.slot(time.monotonic() - self._began_s)
