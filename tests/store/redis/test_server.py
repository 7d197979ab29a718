"""The connection to one server is made again whenever it is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import pytest

from tests.redis_server import RedisServer, free_port
from turnserver.store.redis.address import Address, Where
from turnserver.store.redis.server import Options, Server, asked
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio

Opened = Callable[..., Server]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Makes a `Server`; all are closed at the end."""
    servers: list[Server] = []

    def made(port: int, *, password: str = "", on_loss: Callable[[], None] = lambda: None) -> Server:
        where = Where("127.0.0.1", port)
        options = Options(Address("single", (where,), password=password), timeout_s=5)
        servers.append(Server(partial(_found, where), options, on_loss))
        return servers[-1]

    yield made
    for server in servers:
        await server.close()


async def _found(where: Where) -> Where:
    return where


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110  # nobody tells us when Redis has done it
            await asyncio.sleep(0.01)


async def answers(server: Server) -> bool:
    try:
        return bool(await asked(await server.link(), (b"PING",)) == b"PONG")
    except StoreDown:
        return False


async def test_all_who_ask_first_share_one_connection(redis: RedisServer, opened: Opened) -> None:
    server = opened(redis.port)

    links = await asyncio.gather(*(server.link() for _ in range(10)))

    assert len(set(links)) == 1
    assert links[0].opened_ms > 0


async def test_a_server_that_is_not_there_is_named_at_once(opened: Opened) -> None:
    server = opened(port := free_port())

    for _ in range(3):
        with pytest.raises(StoreDown, match=f"Redis at 127.0.0.1:{port} cannot be reached"):
            await server.link()


async def test_a_lost_connection_is_told_and_made_again(opened: Opened) -> None:
    losses: list[bool] = []
    with RedisServer() as redis:
        server = opened(redis.port, on_loss=lambda: losses.append(True))
        first = await server.link()

        redis.kill()
        await first.closed
        assert not await answers(server)
        redis.start()
        await until(lambda: answers(server))

    assert server.current is not first
    assert losses


async def test_nobody_goes_on_right_after_a_loss(redis: RedisServer, opened: Opened) -> None:
    server = opened(redis.port)
    (await server.link()).close()
    await asyncio.sleep(0)

    with pytest.raises(StoreDown, match="was lost"):
        await server.link()


async def test_a_replica_is_not_taken_for_its_primary(redis: RedisServer, opened: Opened) -> None:
    with RedisServer("--replicaof", "127.0.0.1", str(redis.port)) as replica:
        server = opened(replica.port)

        with pytest.raises(StoreDown, match="is a replica"):
            await server.link()


async def test_a_wrong_password_is_told(opened: Opened) -> None:
    with RedisServer() as redis:
        with redis.client() as client:
            client.config_set("requirepass", "secret")
        assert await answers(opened(redis.port, password="secret"))

        with pytest.raises(StoreDown, match="WRONGPASS"):
            await opened(redis.port, password="other").link()


async def test_what_is_closed_stays_closed(redis: RedisServer, opened: Opened) -> None:
    server = opened(redis.port)
    await server.link()
    await server.close()

    with pytest.raises(StoreDown, match="closed"):
        await server.link()


async def test_nobody_waits_for_a_server_that_is_closed_at_once(opened: Opened) -> None:
    server = opened(free_port())
    asking = asyncio.ensure_future(server.link())
    await asyncio.sleep(0)

    await server.close()

    with pytest.raises(StoreDown):
        await asyncio.wait_for(asking, 20)
