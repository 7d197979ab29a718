"""Users for locust: relay players who check every message. See docs/load-testing.md.

    locust --headless --host http://127.0.0.1:8192 --users 50 --spawn-rate 10 --run-time 1m --shape spike

Beside the requests, locust's statistics show three rows of type `check`: a message's way from when it was due to its
arrival, whole games, and every message that was lost, doubled, reordered or altered (each of these is a failure, so
that the exit status is 1). Locust's gevent patches the whole process: this file must never be imported by a server.
"""

import random
import time
from argparse import ArgumentParser
from typing import Any

from locust import FastHttpUser, LoadTestShape, constant, events, task
from locust.env import Environment

from stresstest import scenarios, shapes
from stresstest.checker import Verdict
from stresstest.numbered import this_host
from stresstest.scenarios.player import Player
from stresstest.steps import Abandoned, Missed, Outcome, Post
from turnserver.wire import replies

STOP_S_MAX = 40.0
"""How long a user that is told to stop may take to bring its game to an end: as long as a player waits for another's
last message, and some more."""

SHAPE_S = 300.0
"""How long a shape lasts when locust has no run time; then it begins again."""

FAULTS_MAX = 100
"""Faults of one kind that are reported one by one for one game."""


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]  # locust's, without types
def add_options(parser: ArgumentParser) -> None:
    """The options of this file, on the command line and in the web page."""
    parser.add_argument("--shape", choices=list(shapes.TABLE), default="steady", help="How the number of users goes")
    parser.add_argument("--rate", type=float, default=5.0, help="Messages a second of each player")
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


class RelayPlayer(FastHttpUser):
    """A relay player: one game after the other, until it is told to stop; then the game comes to an end."""

    wait_time = constant(0)
    is_leaving = False

    def stop(self, force: bool = False) -> bool:  # noqa: FBT001, FBT002  # locust's signature
        """Locust tells the user to stop."""
        self.is_leaving = True
        stopped: bool = super().stop(force)
        return stopped

    @task
    def play(self) -> None:
        """One game, from REGISTER to GAME_QUIT."""
        steps = scenarios.TABLE["relay"].game(self._player())
        outcome: Outcome = None
        began_s = time.monotonic()
        try:
            while True:
                step = steps.send(outcome)
                if isinstance(step, Post):
                    outcome = self._post(step)
                else:
                    outcome = None
                    time.sleep(step.seconds)  # gevent's: other greenlets go on
        except StopIteration:
            self._check("game", time.monotonic() - began_s, None)
        except Abandoned as why:
            self._check("game", time.monotonic() - began_s, why)

    def arrived(self, latency_s: float | None) -> None:
        """A message arrived (see `Ledger`)."""
        if latency_s is not None:
            self._check("message, due to arrival", latency_s, None)

    def settled(self, verdict: Verdict, *, is_whole: bool) -> None:  # noqa: ARG002  # a game broken off is abandoned
        """A game is over (see `Ledger`). What was lost at a stream's end shows as a game broken off."""
        for fault in ("skipped", "doubled", "reordered", "altered"):
            name = "lost" if fault == "skipped" else fault
            for _ in range(min(getattr(verdict, fault), FAULTS_MAX)):
                self._check(f"message {name}", 0.0, Fault(f"message {name}"))

    def _player(self) -> Player:
        options = self.environment.parsed_options
        assert options is not None
        chance = random.Random()  # noqa: S311  # no secret depends on it
        return Player(
            name=f"locust-{id(self)}",
            host=this_host(),
            rate=options.rate,
            game_s=options.game_seconds * chance.uniform(0.75, 1.25),
            size_bytes=options.size,
            is_exact=options.counters == "exact",
            clock=time.monotonic,
            is_over=lambda: self.is_leaving,
            chance=chance,
            ledger=self,
        )

    def _post(self, post: Post) -> Outcome:
        with self.client.post("/", data=post.line.decode(), name=post.symbol.name, catch_response=True) as response:
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


class Fault(Exception):
    """A message was not delivered exactly once, in order and unchanged."""
