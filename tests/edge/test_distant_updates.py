"""Updates over HTTP whose store is in another process: what comes back whatever happens while they are under way."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.raw_http import RawConnection, post
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess

LONG_S = 20


class Table(NamedTuple):
    """A game of two on a server over a Redis of its own, which both have begun to play."""

    redis: RedisServer
    port: int
    ann: str
    bob: str


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    with (
        RedisServer("--appendonly", "yes", "--appendfsync", "always") as redis,
        ServerProcess(tmp_path, "--live", redis.url) as server,
        RawConnection(server.port) as connection,
    ):

        def say(line: str) -> str:
            return connection.ask(post(line.encode())).body.decode().split("/", 2)[2]

        keys = [say(f"0,{name},*,*,*") for name in ("ann", "bob")]
        for symbol in "22334":
            for key in keys:
                say(f"{symbol},*,{key},*,*")
        ann, bob = (say(f"4,*,{key},*,*").replace("|", ",") for key in keys)
        for seat in (ann, bob):
            say(f"6,,{seat},0")
        yield Table(redis, server.port, ann, bob)


def update(text: str, seat: str, counter: int) -> bytes:
    return post(f"6,{text},{seat},{counter}".encode())


def test_an_update_is_answered_with_what_is_usual_for_its_text(table: Table) -> None:
    with RawConnection(table.port) as one, RawConnection(table.port) as other:
        assert one.ask(update("grüße", table.ann, 1)).body == b"0/10/*"
        answer = other.ask(update("word", table.bob, 1))
        latest = one.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.body == "0/9/grüße".encode()
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert 0 < float(latest.body) < LONG_S


def test_a_connection_that_is_to_be_closed_is_closed_after_the_reply(table: Table) -> None:
    with RawConnection(table.port) as connection:
        request = update("word", table.ann, 1).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        assert connection.ask(request).body == b"0/10/*"

        assert connection.is_closed()


def test_requests_that_come_before_the_reply_are_answered_in_order(table: Table) -> None:
    with RawConnection(table.port) as connection:
        connection.send(b"".join(update(f"m{counter}", table.ann, counter) for counter in range(1, 6)))
        replies = [connection.answer().body for _ in range(5)]
    with RawConnection(table.port) as connection:
        heard = connection.ask(update("", table.bob, 1)).body

    assert replies == [b"0/10/*"] * 5
    assert heard == b"0/9/m1|m2|m3|m4|m5"


def test_who_goes_away_before_the_reply_has_said_it_all_the_same_and_nothing_breaks(table: Table) -> None:
    with RawConnection(table.port) as connection:
        connection.send(update("last words", table.ann, 1))
    with RawConnection(table.port) as connection:
        deadline_s = time.monotonic() + LONG_S
        counter, heard = 1, b""
        while heard != b"0/9/last words" and time.monotonic() < deadline_s:
            heard = connection.ask(update("", table.bob, counter)).body
            counter += 1

        assert heard == b"0/9/last words"


def test_who_goes_away_from_a_batch_breaks_nothing_for_others(table: Table) -> None:
    table.redis.process.send_signal(signal.SIGSTOP)
    with RawConnection(table.port) as connection:
        connection.send(post(f"6,last words,{table.ann},1".encode(), b"/batch"))
    with RawConnection(table.port) as connection:
        connection.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")  # answered after it was seen that the other is gone
        connection.send(update("", table.bob, 1))
        table.redis.process.send_signal(signal.SIGCONT)

        assert connection.answer().body == b"0/9/last words"


def test_while_redis_is_away_updates_get_503_and_afterwards_the_game_goes_on(table: Table) -> None:
    with RawConnection(table.port) as connection:
        assert connection.ask(update("before", table.ann, 1)).body == b"0/10/*"
        table.redis.kill()
        refused = [connection.ask(update("after", table.ann, 2)) for _ in range(3)]
        table.redis.start()
        deadline_s = time.monotonic() + LONG_S
        while (answer := connection.ask(update("after", table.ann, 2))).status == 503:
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        heard = connection.ask(update("", table.bob, 1))

    assert [(answer.status, answer.body, answer.headers["retry-after"]) for answer in refused] == [
        (503, b"44/*/*", "1")
    ] * 3
    assert answer.body == b"0/10/*"
    assert heard.body == b"0/9/before|after"
