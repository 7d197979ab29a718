import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

import pytest

from stresstest.connection import REPLY_BYTES_MAX, Connection, NoReply, Response, Target, target

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


@asynccontextmanager
async def answering(*answers: bytes, closes: bool = False) -> AsyncIterator[tuple[Connection, list[bytes]]]:
    """A connection to a server that answers the n-th request it gets with the n-th of `answers`, then is silent."""
    asked: list[bytes] = []
    connected = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        connected += 1
        asked.append(b"connected")
        with suppress(ConnectionError), closing(writer):
            while request := await reader.read(65536):
                asked.append(request)
                number = len(asked) - asked.count(b"connected")
                writer.write(answers[number - 1] if number <= len(answers) else b"")
                if closes:
                    break

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = "http://{}:{}/chess".format(*server.sockets[0].getsockname())
        connection = Connection(target(url), timeout_s=0.3)
        try:
            yield connection, asked
        finally:
            connection.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8192", Target("127.0.0.1", 8192, "/", is_tls=False, authority="127.0.0.1:8192")),
        ("https://play.example/chess", Target("play.example", 443, "/chess", is_tls=True, authority="play.example")),
        ("http://[::1]:80/", Target("::1", 80, "/", is_tls=False, authority="[::1]:80")),
    ],
)
async def test_a_url_names_a_target(url: str, expected: Target) -> None:
    assert target(url) == expected


async def test_what_is_no_url_of_a_server_is_refused() -> None:
    with pytest.raises(ValueError, match="not the URL of a server: ftp://x"):
        target("ftp://x")


async def test_requests_share_one_connection_and_name_path_and_length() -> None:
    async with answering(OK, OK) as (connection, asked):
        replies = [await connection.post(b"0,a,*,*,*"), await connection.get()]

    assert replies == [Response(200, b"hi")] * 2
    assert asked[0] == b"connected"
    assert asked[1].startswith(b"POST /chess HTTP/1.1\r\n")
    assert asked[1].endswith(b"content-length: 9\r\n\r\n0,a,*,*,*")
    assert asked[2].startswith(b"GET /chess HTTP/1.1\r\n")


async def test_a_chunked_response_is_read_whole() -> None:
    chunked = b"HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n2\r\n0/\r\n3\r\n9/a\r\n0\r\n\r\n"
    async with answering(chunked) as (connection, _):
        assert await connection.post(b"x") == Response(400, b"0/9/a")


async def test_after_a_response_that_closes_the_next_request_connects_again() -> None:
    last = OK.replace(b"content", b"connection: close\r\ncontent")
    async with answering(last, OK, closes=True) as (connection, asked):
        await connection.post(b"1")
        await connection.post(b"2")

    assert asked.count(b"connected") == 2


@pytest.mark.parametrize(
    ("answer", "closes", "why"),
    [
        (b"", False, "no reply in time"),
        (b"", True, "the connection was closed"),
        (OK[:-1], True, "the connection was closed"),
        (b"hello", True, "what came is no HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (2 * REPLY_BYTES_MAX) + b"x" * (REPLY_BYTES_MAX + 1), False,
         "a reply too long to read"),
    ],
)  # fmt: skip
async def test_no_reply_says_why(answer: bytes, closes: bool, why: str) -> None:  # noqa: FBT001  # a table's column
    async with answering(answer, closes=closes) as (connection, _):
        with pytest.raises(NoReply, match=why):
            await connection.post(b"x")


async def test_a_request_after_one_without_a_reply_cannot_get_its_late_answer() -> None:
    async with answering(b"", OK) as (connection, asked):
        with pytest.raises(NoReply):
            await connection.post(b"1")
        assert await connection.post(b"2") == Response(200, b"hi")

    assert asked.count(b"connected") == 2


async def test_nobody_there_is_no_reply() -> None:
    with pytest.raises(NoReply, match="no connection: Connection refused"):
        await Connection(target("http://127.0.0.1:1"), timeout_s=1).post(b"x")


async def test_a_request_that_may_be_held_says_so_and_has_more_time() -> None:
    async with answering(b"", OK) as (connection, asked):
        with pytest.raises(NoReply, match="no reply in time"):
            await connection.post(b"1", wait_s=1)
        await connection.post(b"2")

    assert b"\r\nprefer: wait=1\r\n" in asked[1]
    assert b"prefer" not in asked[3]
