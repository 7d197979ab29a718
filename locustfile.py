"""Users for locust: players of the relay and of rooms, users of chat and inboxes, who check every message.

    locust --headless --host http://127.0.0.1:8192 --users 50 --spawn-rate 10 --run-time 1m --shape spike
    locust --headless --host http://127.0.0.1:8192 --users 50 --spawn-rate 10 --run-time 1m RoomPlayer ChatUser

Without names of users all four kinds come, in equal parts. Beside the requests, locust's statistics show rows of type
`check`: how long messages and turns took from when they were due to their arrival, whole games, and every message that
was lost, doubled, reordered or altered (each of these is a failure, so that the exit status is 1). See
docs/load-testing.md. Locust's gevent patches the whole process: this file must never be imported by a server.
"""

import random
import secrets
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import count
from typing import Any, ClassVar

import gevent  # type: ignore[import-untyped]  # it has no types
from locust import FastHttpUser, LoadTestShape, constant, events, task
from locust.env import Environment

from stresstest import scenarios, shapes
from stresstest.checker import Verdict
from stresstest.numbered import this_host
from stresstest.scenarios.player import CHAT, INBOX, RELAY, ROOMS, TURN, WAYS, Player, Session
from stresstest.steps import Abandoned, Missed, Outcome, Pause, Post, Step, Steps
from turnserver.wire import replies

STOP_S_MAX = 40.0
"""How long a user that is told to stop may take to bring its game to an end: as long as a player waits for another's
last message, and some more."""

SHAPE_S = 300.0
"""How long a shape lasts when locust has no run time; then it begins again."""

RUN = f"locust-{secrets.token_hex(4)}"
"""Begins the names of the relay players of this process."""

FAULTS_MAX = 100
"""Faults of one kind that are reported one by one for one game."""


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]  # locust's, without types
def add_options(parser: ArgumentParser) -> None:
    """The options of this file, on the command line and in the web page."""
    parser.add_argument("--shape", choices=list(shapes.TABLE), default="steady", help="How the number of users goes")
    parser.add_argument("--rate", type=float, default=0.0, help="Messages a second of each user; 0 is its usual pace")
    parser.add_argument("--seats", type=int, default=4, help="Players of a room, and of a channel of chat")
    parser.add_argument("--game-seconds", type=float, default=20.0, help="How long one game lasts")
    parser.add_argument("--size", type=int, default=64, help="Bytes of a message")
    parser.add_argument("--counters", choices=["exact", "plain"], default="exact", help="Counters n.r, or plain n")


@events.init.add_listener  # type: ignore[untyped-decorator]  # locust's, without types
def let_games_end(environment: Environment, **_: Any) -> None:
    """Users are not killed in the middle of a game, unless --stop-timeout says so."""
    environment.stop_timeout = environment.stop_timeout or STOP_S_MAX


class Shape(LoadTestShape):
    """The number of users over time, as `--shape` says, with locust's own options for users, spawn rate and time."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """How many users there should be now, and how many a second may come; None at the end of the run time."""
        assert self.runner is not None
        options = self.runner.environment.parsed_options
        assert options is not None
        players, per_s, run_s = options.num_users or 1, options.spawn_rate or 1, options.run_time
        elapsed_s: float = self.get_run_time()  # type: ignore[no-untyped-call]  # locust's, without types
        if run_s and elapsed_s >= run_s:
            return None
        wanted = shapes.players_at(options.shape, elapsed_s, players=players, period_s=run_s or SHAPE_S)
        return wanted, max(per_s, players) if options.shape == "spike" else per_s


class _Checking(FastHttpUser):
    """One game after the other, until it is told to stop; then the game comes to an end."""

    abstract = True
    wait_time = constant(0)
    is_leaving = False
    kind: ClassVar[str]
    numbers: ClassVar[Iterator[int]]

    def on_start(self) -> None:
        """Count the users of a kind: this is how those of a channel come together."""
        self.number = next(self.numbers)
        self.sessions: dict[str, Session] = {}

    def stop(self, force: bool = False) -> bool:  # noqa: FBT001, FBT002  # locust's signature
        """Locust tells the user to stop."""
        self.is_leaving = True
        stopped: bool = super().stop(force)
        return stopped

    @task
    def play(self) -> None:
        """One game, from the first request to the last."""
        began_s = time.monotonic()
        try:
            self._perform(scenarios.TABLE[self.kind].game(self._player()))
            self._check(f"{self.kind}: game", time.monotonic() - began_s, None)
        except Abandoned as why:
            self._check(f"{self.kind}: game", time.monotonic() - began_s, why)

    def arrived(self, kind: str, latency_s: float | None) -> None:
        """A message arrived (see `Ledger`)."""
        if latency_s is not None:
            self._check(f"{kind}: {WAYS[kind]}", latency_s, None)

    def turned(self, latency_s: float) -> None:
        """A turn's packet arrived (see `Ledger`)."""
        self._check(f"{ROOMS}: {WAYS[TURN]}", latency_s, None)

    def settled(self, kind: str, verdict: Verdict, *, is_whole: bool) -> None:  # noqa: ARG002  # else it is abandoned
        """A game is over (see `Ledger`).

        What a partner of the relay lost at the end of a stream shows as a game broken off: this side cannot know it.
        """
        faults = {
            "lost": verdict.skipped if kind == RELAY else verdict.lost,
            "doubled": verdict.doubled,
            "reordered": verdict.reordered,
            "altered": verdict.altered,
            "not the same for all": verdict.diverged,
        }
        for fault, times in faults.items():
            for _ in range(min(times, FAULTS_MAX)):
                self._check(f"{kind}: {fault}", 0.0, Fault(f"{kind}: {fault}"))

    def _perform(self, steps: Steps[None]) -> None:
        outcome: Outcome = None
        try:
            while True:
                outcome = self._step(steps.send(outcome))
        except StopIteration:
            return
        finally:
            steps.close()

    def _step(self, step: Step) -> Outcome:
        if isinstance(step, Post):
            return self._post(step)
        if isinstance(step, Pause):
            time.sleep(step.seconds)  # gevent's: other greenlets go on
            return None
        hands = [gevent.spawn(self._given_up, steps) for steps in step.hands]
        try:
            gevent.joinall(hands)
        finally:
            gevent.killall(hands)
        for hand in hands:
            if (why := hand.get()) is not None:
                raise why
        return None

    def _given_up(self, steps: Steps[None]) -> Abandoned | None:
        """Perform steps, and return why they were given up: what a greenlet raises is printed."""
        try:
            self._perform(steps)
        except Abandoned as why:
            return why
        return None

    def _player(self) -> Player:
        options = self.environment.parsed_options
        assert options is not None
        chance = random.Random()  # noqa: S311  # no secret depends on it
        return Player(
            run=RUN,
            number=self.number,
            seats=options.seats,
            host=this_host(),
            rate=options.rate or None,
            game_s=options.game_seconds * chance.uniform(0.75, 1.25),
            size_bytes=options.size,
            is_exact=options.counters == "exact",
            clock=time.monotonic,
            is_over=lambda: self.is_leaving,
            chance=chance,
            ledger=self,
            sessions=self.sessions,
        )

    def _post(self, post: Post) -> Outcome:
        headers = {"Prefer": f"wait={post.wait_s}"} if post.wait_s else {}
        request = self.client.post("/", data=post.line.decode(), name=post.row, headers=headers, catch_response=True)
        with request as response:
            if not response.status_code:
                response.failure(response.error)
                return Missed("no reply")
            try:
                reply = replies.parse(response.content or b"")
            except ValueError as error:
                response.failure(str(error))
                return Missed("not a reply")
            if reply.answer in post.expected:
                response.success()
            else:
                response.failure(f"{reply.answer.code}: {reply.answer.words}")
            return reply

    def _check(self, name: str, seconds: float, failure: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type="check",
            name=name,
            response_time=seconds * 1000,
            response_length=0,
            exception=failure,
            context={},
        )


class RelayPlayer(_Checking):
    """Registers, is paired, loads, exchanges updates, quits."""

    kind, numbers = RELAY, count()


class RoomPlayer(_Checking):
    """Finds a room or makes one, takes its turns, compares hashes, leaves."""

    kind, numbers = ROOMS, count()


class ChatUser(_Checking):
    """Talks and listens in a channel."""

    kind, numbers = CHAT, count()


class InboxUser(_Checking):
    """Reads an inbox that two others write to."""

    kind, numbers = INBOX, count()


class Fault(Exception):
    """A message was not delivered exactly once, in order and unchanged."""
