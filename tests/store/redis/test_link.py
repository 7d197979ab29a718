"""One connection: what leaves together, and what is said when no answer comes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hiredis
import pytest

from tests.redis_server import RedisServer
from turnserver.store.redis.link import PENDING_MAX, TOGETHER, Link, as_command
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio


class Mute(asyncio.Transport):
    """A transport that goes nowhere."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Let it go."""

    def abort(self) -> None:
        """Nothing is there to end."""


@asynccontextmanager
async def silent_server() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that reads and says nothing; its port, and what it got, piece by piece."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError), contextlib.closing(writer):
            while piece := await reader.read(1_000_000):
                got.append(piece)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], got


async def linked(port: int, *, timeout_s: float = 20) -> Link:
    link = Link("Redis", timeout_s=timeout_s)
    await asyncio.get_running_loop().create_connection(lambda: link, "127.0.0.1", port)
    return link


async def test_commands_of_one_round_leave_together() -> None:
    async with silent_server() as (port, got):
        link = await linked(port)
        replies = [link.call(as_command("GET", number)) for number in range(3)]
        while not got:  # noqa: ASYNC110  # a server that says nothing does not say that either
            await asyncio.sleep(0)
        link.close()

    assert [piece.count(b"GET") for piece in got] == [3]
    assert all(isinstance(reply.exception(), StoreDown) for reply in replies)


async def test_of_many_commands_some_leave_before_the_round_is_over() -> None:
    async with silent_server() as (port, got):
        link = await linked(port)
        heard: list[object] = []
        for number in range(2 * TOGETHER + 3):
            link.send(as_command("GET", number), heard.append)
        left = len(link._out)
        async with asyncio.timeout(20):
            while b"".join(got).count(b"GET") < 2 * TOGETHER + 3:  # noqa: ASYNC110  # see above
                await asyncio.sleep(0)
        link.close()

    assert left == 3
    assert len(heard) == 2 * TOGETHER + 3
    assert all(isinstance(reply, StoreDown) for reply in heard)


async def test_a_reply_can_be_called_back_with(redis: RedisServer) -> None:
    link = await linked(redis.port)
    heard: list[object] = []

    link.send(as_command("ECHO", "one"), heard.append)
    await link.call(as_command("ECHO", "two"))

    assert heard == [b"one"]
    link.close()


async def test_replies_come_in_the_order_of_the_commands(redis: RedisServer) -> None:
    link = await linked(redis.port)

    replies = await asyncio.gather(*(link.call(as_command("ECHO", number)) for number in range(100)))

    assert replies == [b"%d" % number for number in range(100)]
    link.close()


async def test_an_error_is_a_reply(redis: RedisServer) -> None:
    link = await linked(redis.port)

    assert isinstance(await link.call((b"NONSENSE",)), hiredis.ReplyError)
    link.close()


async def test_a_server_that_owes_a_reply_for_too_long_is_given_up() -> None:
    async with silent_server() as (port, _):
        link = await linked(port, timeout_s=0.05)

        with pytest.raises(StoreDown):
            await link.call((b"PING",))

    assert not link.is_open


async def test_a_server_that_owes_nothing_may_be_silent_for_ever() -> None:
    async with silent_server() as (port, _):
        link = await linked(port, timeout_s=0.02)
        await asyncio.sleep(0.1)

        assert link.is_open
        link.close()


async def test_nothing_is_sent_over_a_connection_that_is_gone(redis: RedisServer) -> None:
    link = await linked(redis.port)
    link.close()

    with pytest.raises(StoreDown):
        link.call((b"PING",))


async def test_what_is_no_protocol_ends_the_connection() -> None:
    async with silent_server() as (port, _):
        link = await linked(port)
        reply = link.call((b"PING",))
        link.data_received(b"HTTP/1.1 400\r\n")

        with pytest.raises(StoreDown):
            await reply


async def test_a_server_that_is_far_behind_is_not_asked_more() -> None:
    async with silent_server() as (port, _):
        link = await linked(port)
        for _ in range(PENDING_MAX):
            link.call((b"PING",))

        with pytest.raises(StoreDown):
            link.call((b"PING",))
        link.close()


async def test_what_replicas_confirm_ends_with_a_write_of_ones_own() -> None:
    async with silent_server() as (port, got):
        link = await linked(port)
        link.confirm(2, b"turn:confirmed")
        for number in range(3):
            link.call(as_command("GET", number))
        while not got:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0)
        link.close()

    sent = hiredis.Reader()
    sent.feed(got[0])
    words = [sent.gets()[0] for _ in range(5)]
    assert words == [b"GET", b"GET", b"GET", b"SET", b"WAIT"]


async def test_a_server_that_takes_no_writes_is_left(redis: RedisServer) -> None:
    with RedisServer("--replicaof", "127.0.0.1", str(redis.port)) as replica:
        link = await linked(replica.port)
        link.confirm(1, b"turn:confirmed")

        link.call((b"PING",))

        await asyncio.wait_for(link.closed, 20)


async def test_what_cannot_be_written_is_not_confirmed() -> None:
    with RedisServer("--min-replicas-to-write", "1") as server:
        link = await linked(server.port)
        link.confirm(1, b"turn:confirmed")
        await link.call((b"PING",))

        with pytest.raises(StoreDown, match="NOREPLICAS"):
            await link.settle()
        assert not link.is_settled()
        assert link.is_open
        link.close()


async def test_a_mistake_of_one_who_hears_harms_no_other(redis: RedisServer) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["exception"]))
    mistake = ZeroDivisionError()

    def mistaken(_reply: object) -> None:
        raise mistake

    link = await linked(redis.port)
    link.send((b"PING",), mistaken)
    assert await link.call((b"PING",)) == b"PONG"
    assert told == [mistake]

    link.send((b"PING",), mistaken)
    lost = link.call((b"PING",))
    link.close()
    assert isinstance(lost.exception(), StoreDown)
    assert told == [mistake, mistake]


async def test_who_closes_the_connection_while_hearing_lets_all_others_hear_once() -> None:
    link = Link("Redis", timeout_s=20)
    link.connection_made(Mute())
    heard: list[list[object]] = [[], [], []]

    def leaves(reply: object) -> None:
        heard[0].append(reply)
        link.close()

    for hears in (leaves, heard[1].append, heard[2].append):
        link.send((b"PING",), hears)
    link.data_received(b"-READONLY\r\n" * 3)

    assert [len(one) for one in heard] == [1, 1, 1]
    assert all(isinstance(one[0], StoreDown) for one in heard[1:])
