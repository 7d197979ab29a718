import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.text_server import TextServer
from turnserver.domain.guessing import lanes_of
from turnserver.messages.reply import Refused
from turnserver.protocol.limits import Limits
from turnserver.service.guard import Guard

LIMITS = Limits(guess_window_s=60, guesses_max=3, name_guesses_max=4, first_guesses_max=1, address_guesses_max=6)


def test_attempts_are_counted_where_any_node_counts_them() -> None:
    server = TextServer(LIMITS)
    lanes = lanes_of("ann", "192.0.2.1", None)
    for _ in range(3):
        server.done(Guard(server.context).charge(lanes))

    with pytest.raises(Refused, match="too many") as caught:
        server.done(Guard(server.context).charge(lanes))
    assert caught.value.details == "60"

    server.later(60)
    server.done(Guard(server.context).charge(lanes))


def test_a_refused_attempt_is_not_counted() -> None:
    server = TextServer(LIMITS)
    guard = Guard(server.context)
    for _ in range(3):
        server.done(guard.charge(lanes_of("ann", "192.0.2.1", None)))
    for _ in range(20):
        with pytest.raises(Refused):
            server.done(guard.charge(lanes_of("ann", "192.0.2.1", None)))

    server.done(guard.charge(lanes_of("bob", "192.0.2.1", None)))


def test_what_was_right_is_taken_back_and_the_own_lane_begins_anew() -> None:
    server = TextServer(LIMITS)
    guard = Guard(server.context)
    lanes = lanes_of("ann", "192.0.2.1", None)
    for _ in range(10):
        server.done(guard.charge(lanes))
        server.done(guard.charge(lanes))
        server.done(guard.refund(lanes))
        server.done(guard.refund(lanes))


def test_an_attempt_that_was_not_looked_at_counts_no_more_and_no_less() -> None:
    server = TextServer(LIMITS)
    guard = Guard(server.context)
    lanes = lanes_of("ann", "192.0.2.1", None)
    for _ in range(10):
        server.done(guard.charge(lanes))
        server.done(guard.refund(lanes, whole=False))
    for _ in range(3):
        server.done(guard.charge(lanes))

    with pytest.raises(Refused):
        server.done(guard.charge(lanes))


def test_of_many_attempts_at_once_no_more_pass_than_may() -> None:
    server = TextServer(LIMITS)
    guard = Guard(server.context)
    lanes = lanes_of("ann", "192.0.2.1", None)

    async def storm() -> list[BaseException | None]:
        return await asyncio.gather(*(guard.charge(lanes) for _ in range(20)), return_exceptions=True)

    assert [found is None for found in server.runs(storm())].count(True) == 3


def test_an_attempt_that_is_refused_in_one_lane_is_counted_in_none() -> None:
    server = TextServer(replace(LIMITS, first_guesses_max=0))
    guard = Guard(server.context)

    async def storm() -> list[BaseException | None]:
        crowd = [lanes_of("ann", f"192.0.2.{host}", None) for host in range(20)]
        return await asyncio.gather(*map(guard.charge, crowd), return_exceptions=True)

    async def count() -> int:
        views = [await server.store.read(name) for name in await server.store.scan("guess")]
        return sum(view.value("guesses").count for view in views)

    assert [found is None for found in server.runs(storm())].count(True) == LIMITS.name_guesses_max
    assert server.runs(count()) == 3 * LIMITS.name_guesses_max


def test_the_store_holds_no_name_and_no_address() -> None:
    server = TextServer(LIMITS)
    server.done(Guard(server.context).charge(lanes_of("annabella", "192.0.2.1", None)))

    names = server.done(server.store.scan("guess"))

    assert len(names) == 3
    assert not [name for name in names if "annabella" in name or "192.0.2.1" in name]


def test_that_guessing_is_slowed_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    server, seconds = TextServer(LIMITS), [0.0]
    guard = Guard(replace(server.context, monotonic_s=lambda: seconds[0]))
    for at_s in (*[0.0] * 20, 59.0, 60.0):
        seconds[0] = at_s
        with suppress(Refused):
            server.done(guard.charge(lanes_of("ann", "192.0.2.1", None)))

    told = [(record.getMessage(), vars(record)["fields"]) for record in caplog.records]
    fields = {"address": "-", "counted": ["there", "name", "address"], "seconds": 60}
    assert told == [("guessing slowed", fields)] * 2
