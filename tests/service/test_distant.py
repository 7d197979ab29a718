"""The relay over Redis: as exact as over memory, and how many round trips it takes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.nodes.proxy import Proxy
from tests.redis_server import RedisServer
from tests.store.engines import Clock, shared_redis
from tests.text_server import TextServer
from turnserver.build import Document
from turnserver.store.redis.address import parse
from turnserver.store.redis.store import RedisStore

pytestmark = pytest.mark.anyio

COUPLES = 25

OPENS_ITS_STORES = True


@pytest.fixture
def anyio_backend() -> str:
    """The store speaks asyncio."""
    return "asyncio"


@pytest.fixture
def redis() -> RedisServer:
    """A server with nothing in it."""
    shared_redis().empty()
    return shared_redis()


@pytest.fixture
async def way(redis: RedisServer) -> AsyncIterator[Proxy]:
    """The way to Redis, which counts."""
    async with Proxy(redis.port) as way:
        yield way


@pytest.fixture
async def nodes(way: Proxy) -> AsyncIterator[list[TextServer]]:
    """Two servers over one Redis."""
    clock = Clock()
    stores = [RedisStore(parse(way.url), Document, clock=clock) for _ in range(2)]
    yield [TextServer(store=store) for store in stores]
    for store in stores:
        await store.close()


def operations(redis: RedisServer) -> int:
    """How many scripts were run."""
    with redis.client() as client:
        stats: dict[str, Any] = client.info("commandstats")
    return int(stats.get("cmdstat_evalsha", {"calls": 0})["calls"])


async def quiet(redis: RedisServer) -> None:
    """Return when nothing is asked of Redis any more."""
    seen = -1
    while seen != operations(redis):
        seen = operations(redis)
        await asyncio.sleep(0.02)


async def game(node: TextServer) -> tuple[str, str]:
    """Two players at the beginning of their game: key and seat of each, as an update's line has them."""
    keys = [(await node.answer(f"0,{name},*,*,*")).removeprefix("0/0/") for name in ("ann", "bob")]
    for symbol in "22344":
        replies = [await node.answer(f"{symbol},*,{key},*,*") for key in keys]
    one, other = (reply.removeprefix("0/8/").replace("|", ",") for reply in replies)
    return one, other


async def test_messages_arrive_once_and_in_order_whichever_node_is_asked(nodes: list[TextServer]) -> None:
    ann, bob = await game(nodes[0])
    heard = []

    for number in range(12):
        assert (await nodes[number % 2].answer(f"6,m{number},{ann},{number}")).startswith("0/")
        if number % 3 == 2:
            heard.append(await nodes[number // 3 % 2].answer(f"6,,{bob},{number // 3}"))

    assert heard == ["0/9/m0|m1|m2", "0/9/m3|m4|m5", "0/9/m6|m7|m8", "0/9/m9|m10|m11"]


async def test_each_node_counts_the_messages_that_it_has_relayed(nodes: list[TextServer]) -> None:
    ann, bob = await game(nodes[0])
    for number in range(6):
        await nodes[number % 2].answer(f"6,m{number},{ann},{number}")
        await nodes[number % 2].answer(f"6,,{bob},{number}")
    await nodes[0].answer(f"6,m5,{ann},5")

    assert [node.context.usage.messages for node in nodes] == [3, 3]


async def test_a_repeat_at_another_node_is_answered_again_and_stored_once(nodes: list[TextServer]) -> None:
    ann, bob = await game(nodes[0])
    await nodes[0].answer(f"6,hello,{bob},0")
    for node in nodes:
        await node.answer(f"6,,{bob},0")

    assert await nodes[1].answer(f"6,word,{ann},0") == "0/9/hello"
    assert await nodes[0].answer(f"6,word,{ann},0") == "0/11/hello"
    assert await nodes[1].answer(f"6,,{bob},1") == "0/9/word"


async def test_a_node_that_has_seen_little_refuses_nothing_wrongly(nodes: list[TextServer]) -> None:
    ann, _ = await game(nodes[0])
    await nodes[1].answer(f"6,zero,{ann},0")
    for number in range(1, 4):
        await nodes[0].answer(f"6,m{number},{ann},{number}")

    assert await nodes[1].answer(f"6,,{ann},4") == "0/10/*"
    assert await nodes[0].answer(f"6,,{ann},4") == "0/10/*"
    assert await nodes[0].answer(f"6,,{ann},2") == "18/*/*"
    assert await nodes[1].answer(f"6,,{ann},9") == "19/*/*"


async def test_an_empty_poll_is_one_round_trip_and_an_update_at_most_two(nodes: list[TextServer], way: Proxy) -> None:
    ann, bob = await game(nodes[0])
    for counter, node in enumerate(reversed(nodes)):
        await node.answer(f"6,,{ann},{counter}")
    trips = []

    for node, line in (
        (nodes[0], f"6,,{ann},2"),  # an empty poll
        (nodes[0], f"6,word,{bob},0"),  # nothing new from the partner
        (nodes[0], f"6,,{ann},3"),  # there is, and the node knows it
        (nodes[1], f"6,word,{ann},4"),  # and does not
        (nodes[1], f"6,,{ann},4"),  # a repeat
        (nodes[0], f"6,,{ann},2"),  # a refusal: COUNTER_BEHIND
    ):
        before = way.round_trips
        assert await node.answer(line)
        trips.append(way.round_trips - before)

    assert trips == [1, 1, 1, 2, 1, 2]


@pytest.mark.parametrize("other", [0, 1])
async def test_an_update_that_is_held_until_it_is_answered_is_two_operations(
    nodes: list[TextServer], redis: RedisServer, other: int
) -> None:
    seats = await game(nodes[0])
    at = (nodes[0], nodes[other])
    warm, turns = 4, 24
    waiting = asyncio.create_task(at[1].answer(f"6,,{seats[1]},0", wait_s=20))
    await quiet(redis)

    for turn in range(turns):
        if turn == warm:
            before = operations(redis)
        mover, counter = turn % 2, (turn + 1) // 2
        moved = asyncio.create_task(at[mover].answer(f"6,m{turn},{seats[mover]},{counter}", wait_s=20))
        assert await asyncio.wait_for(waiting, 10) == f"0/9/m{turn}"
        await quiet(redis)  # who has moved is held before it is answered
        waiting = moved
    spent = operations(redis) - before
    waiting.cancel()

    assert spent == 2 * (turns - warm)


async def test_a_held_update_that_is_overtaken_at_another_node_is_answered_there(nodes: list[TextServer]) -> None:
    ann, bob = await game(nodes[0])
    await nodes[1].answer(f"6,,{bob},0")
    held = asyncio.create_task(nodes[0].answer(f"6,one,{ann},0", wait_s=20))
    await asyncio.sleep(0.1)

    again = asyncio.create_task(nodes[1].answer(f"6,one,{ann},0", wait_s=20))
    await asyncio.sleep(0.1)
    assert await nodes[1].answer(f"6,word,{bob},1") == "0/9/one"

    assert sorted([await asyncio.wait_for(held, 10), await asyncio.wait_for(again, 10)]) == ["0/11/word", "0/9/word"]


async def test_requests_in_flight_at_once_share_their_round_trips(nodes: list[TextServer], way: Proxy) -> None:
    node, seats = nodes[0], [seat for _ in range(COUPLES) for seat in await game(nodes[0])]
    before = way.round_trips

    replies = await asyncio.gather(*(node.answer(f"6,word,{seat},0") for seat in seats))

    assert all(reply.startswith("0/") for reply in replies)
    assert way.round_trips - before <= 4


async def test_a_poll_that_is_held_asks_for_nothing_while_nothing_happens(nodes: list[TextServer], way: Proxy) -> None:
    ann, bob = await game(nodes[0])
    await nodes[0].answer(f"6,,{bob},0")
    before, seen = way.round_trips, -1
    held = asyncio.create_task(nodes[0].answer(f"6,,{ann},0", wait_s=20))
    while seen != way.round_trips:
        seen = way.round_trips
        await asyncio.sleep(0.3)

    await nodes[1].answer(f"6,word,{bob},1")

    assert seen - before <= 4
    assert await asyncio.wait_for(held, 10) == "0/9/word"
