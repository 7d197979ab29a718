"""The fast path over Redis is held equal to the rules, at one node or many; and exact whatever comes at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nodes.proxy import Proxy
from tests.redis_server import RedisServer
from tests.service.test_distant import operations
from tests.service.updates import LIMITS, LINES, OPENING, UPDATE, Player, batch_lines, learnt
from tests.store.engines import shared_redis
from tests.text_server import Seated, TextServer
from turnserver.build import Document
from turnserver.domain.documents import SEATS, STREAMS, game_partition
from turnserver.edge.exchange import Exchange
from turnserver.protocol.limits import Limits
from turnserver.service.secrets import key_digest
from turnserver.store.redis.address import parse
from turnserver.store.redis.store import RedisStore
from turnserver.store.seam import StoreDown
from turnserver.wire.paths import TextPath

OPENS_ITS_STORES = True

STEP = st.one_of(
    *[st.tuples(st.just("update"), UPDATE)] * 6,
    *[st.tuples(st.just("batch"), LINES)] * 2,
    st.tuples(st.just("later"), st.sampled_from([0.001, 1, 9, 31])),
    st.tuples(st.just("look")),
    st.tuples(st.just("quit"), st.integers(0, 1)),
)
STEPS = st.builds(lambda steps: OPENING + steps, st.lists(STEP, max_size=25))


async def game(server: TextServer) -> tuple[Seated, Seated]:
    """Two players at the beginning of their game, by seat."""
    keys = [(await server.answer(f"0,{name},*,*,*")).removeprefix("0/0/") for name in ("ann", "bob")]
    for symbol in "22344":
        replies = [await server.answer(f"{symbol},*,{key},*,*") for key in keys]
    one, other = (Seated.at(server, reply) for reply in replies)
    return (one, other) if one.seat == "0" else (other, one)


class Nodes:
    """Servers over one Redis, which is empty at first, and a game at them.

    Args:
        count: How many.
        has_fast_path: Whether updates may take it.
        limits: The settings.
    """

    def __init__(self, count: int, *, has_fast_path: bool, limits: Limits = LIMITS) -> None:
        shared_redis().empty()
        self._runner = asyncio.Runner()
        self.now_ms = 5_000
        stores = [RedisStore(parse(shared_redis().url), Document, clock=lambda: self.now_ms) for _ in range(count)]
        self.servers = [TextServer(limits, store=store, has_fast_path=has_fast_path) for store in stores]
        for store in stores:
            self.run(store.read("match:"))  # a process ends nothing before it could hear everybody for a whole time-out
        self.players = [Player(seat) for seat in self.run(game(self.servers[0]))]

    def run(self, work: Any) -> Any:
        return self._runner.run(work)

    def did(self, step: tuple[Any, ...], at: int) -> object:
        """What comes of one step at a node."""
        server = self.servers[at % len(self.servers)]
        match step:
            case "update", (index, data, counter, as_partner):
                line = self.players[index].line(data, counter, as_partner=as_partner)
                reply = self.run(server.answer(line))
                self.players[index].learns(line, reply)
                return reply
            case "batch", updates:
                lines = batch_lines(self.players, updates)
                replies = self.run(posted(server, b"\n".join(lines)))
                learnt(self.players, updates, lines, replies)
                return replies
            case "quit", index:
                player = self.players[index]
                return self.run(server.answer(f"5,*,{player.seat.key},{player.seat.seat},{player.sent + 1}"))
            case "later", seconds:
                self.now_ms += round(1000 * seconds)
                return None
            case _:
                return self.run(self.seen(server))

    async def seen(self, server: TextServer) -> dict[str, Any]:
        """What the store holds of the game."""
        view = await server.store.read(game_partition(key_digest(self.players[0].seat.key)))
        if not view.exists:
            return {}
        streams = [view.stream(name) for name in STREAMS]
        return {
            "left": view.value("match").left,
            **{name: view.documents[name] for name in SEATS},
            "streams": [(stream.first, stream.next, stream.size, stream.after(stream.first)) for stream in streams],
        }

    def close(self) -> None:
        for server in self.servers:
            self.run(server.store.close())
        self._runner.close()


async def posted(server: TextServer, body: bytes) -> list[str]:
    """The replies to a batch."""
    exchange = Exchange(server.answering, server.store, server.limits, distant_path=server.distant_path)
    return (await exchange.respond(body, TextPath("", is_batch=True))).body.decode().split("\n")


def transcript(nodes: Nodes, steps: list[tuple[Any, ...]], ats: list[int]) -> list[object]:
    """All that comes of steps, each at some node."""
    try:
        told = [nodes.did(step, at) for step, at in zip(steps, ats, strict=False)]
        told.append(nodes.did(("look",), 0))
        counted = [server.context.usage for server in nodes.servers]
        replies: dict[object, int] = {}
        for usage in counted:
            for answer, count in usage.replies.items():
                replies[answer.prefix] = replies.get(answer.prefix, 0) + count
        return [*told, sum(usage.messages for usage in counted), replies]
    finally:
        nodes.close()


@pytest.mark.parametrize("count", [1, 2])
@settings(max_examples=60)
@given(STEPS, st.randoms(use_true_random=False))
def test_the_same_requests_get_the_same_replies_and_leave_the_same_values(
    count: int, steps: list[tuple[Any, ...]], chance: random.Random
) -> None:
    ats = [chance.randrange(count) for _ in steps]

    fast = transcript(Nodes(count, has_fast_path=True), steps, ats)
    general = transcript(Nodes(count, has_fast_path=False), steps, ats)

    assert fast == general


class Client:
    """A player that sends exact counters, often twice, at any node, and must get every message once and in order."""

    def __init__(self, seat: Seated, servers: list[TextServer], chance: random.Random) -> None:
        self._seat = seat
        self._servers = servers
        self._chance = chance
        self.received: list[str] = []

    async def play(self, texts: list[str]) -> None:
        """Send all texts, and ask on until the partner's are there."""
        counter = 0
        for text in texts:
            await self.sent(text, counter)
            counter += 1
        while len(self.received) < len(texts):
            await self.sent("", counter)
            counter += 1

    async def sent(self, text: str, counter: int) -> None:
        """One update, to one node or to two at once; the reply that comes first counts."""
        line = self._seat.line(text, f"{counter}.{len(self.received)}")
        nodes = self._chance.choices(self._servers, k=self._chance.choice([1, 1, 2]))
        wait_s = self._chance.choice([0, 0, 0, 0.05])
        copies = [asyncio.create_task(node.answer(line, wait_s=wait_s)) for node in nodes]
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        reply = next(copy.result() for copy in copies if copy.done())
        if reply.startswith(("0/9/", "0/11/")):
            self.received += reply.split("/", 2)[2].split("|")
        else:
            assert reply == "0/10/*"
        for copy in copies:
            assert (await copy).startswith(("0/", "18/"))


@pytest.mark.parametrize("seed", range(6))
def test_every_message_arrives_once_and_in_order_whatever_comes_at_once(seed: int) -> None:
    chance = random.Random(seed)
    nodes = Nodes(seed % 3 + 1, has_fast_path=True, limits=Limits())

    async def play() -> list[list[str]]:
        clients = [Client(player.seat, nodes.servers, chance) for player in nodes.players]
        await asyncio.gather(*(one.play(texts(index)) for index, one in enumerate(clients)))
        return [one.received for one in clients]

    try:
        assert nodes.run(play()) == [texts(1), texts(0)]
        assert sum(server.context.usage.messages for server in nodes.servers) == 120
    finally:
        nodes.close()


def texts(player: int) -> list[str]:
    return [f"{player}-{number}" for number in range(60)]


class Table(NamedTuple):
    """A game at a node that knows both players, and its Redis."""

    node: TextServer
    ann: Seated
    bob: Seated

    def begins(self, line: str) -> "asyncio.Future[bytes | StoreDown | None] | None":
        """What a line gets that takes the fast path; None if it does not."""
        assert self.node.distant_path is not None
        told: asyncio.Future[bytes | StoreDown | None] = asyncio.get_running_loop().create_future()
        return told if self.node.distant_path.update(line.encode(), told.set_result) else None


Tables = Callable[..., AbstractAsyncContextManager[Table]]


@asynccontextmanager
async def table(url: str | None = None, limits: Limits | None = None) -> AsyncIterator[Table]:
    shared_redis().empty()
    store = RedisStore(parse(url or shared_redis().url), Document)
    node = TextServer(limits, store=store)
    ann, bob = await game(node)
    for one in (ann, bob):
        await node.answer(one.line("", 0))
    yield Table(node, ann, bob)
    await store.close()


@pytest.fixture
def anyio_backend() -> str:
    """The store speaks asyncio."""
    return "asyncio"


@pytest.mark.anyio
async def test_only_what_it_is_for_takes_it() -> None:
    async with table() as (node, ann, bob):
        at = Table(node, ann, bob)
        for line in (ann.line("c", 0), ann.line("c", 3), ann.line("c", "1.1"), ann.line("c\n", 1), "6,c", "", ",,,,"):
            assert at.begins(line) is None

        told = at.begins(ann.line("grüße 🎲", 1))
        assert told is not None
        assert await told == b"0/10/*"
        told = at.begins(bob.line("", 1))
        assert told is not None
        assert await told == "0/9/grüße 🎲".encode()


@pytest.mark.anyio
async def test_of_one_game_one_is_under_way_and_the_next_relies_on_it() -> None:
    async with table() as at:
        before = operations(shared_redis())
        both = [at.begins(at.ann.line("one", 1)), at.begins(at.bob.line("two", 1)), at.begins(at.ann.line("three", 1))]

        assert [await told for told in both if told] == [b"0/10/*", b"0/9/one", None]  # the last has become a repeat
        assert operations(shared_redis()) - before == 2
        assert await at.node.answer(at.ann.line("three", 1)) == "0/11/two"


@pytest.mark.anyio
async def test_what_another_node_has_done_is_learnt_and_the_update_tried_again() -> None:
    async with table() as at:
        other = RedisStore(parse(shared_redis().url), Document)
        elsewhere = TextServer(store=other)
        assert await elsewhere.answer(at.bob.line("hello", 1)) == "0/10/*"

        told = at.begins(at.ann.line("word", 1))

        assert told is not None
        assert await told == b"0/9/hello"
        assert at.begins(at.ann.line("", 2)) is not None
        await other.close()


@pytest.mark.anyio
async def test_of_two_at_different_nodes_each_update_is_one_operation_and_told_all_that_was_sent() -> None:
    async with table() as at:
        other = RedisStore(parse(shared_redis().url), Document)
        elsewhere = TextServer(store=other)
        await elsewhere.answer(at.bob.line("b0", 1))
        await at.node.answer(at.ann.line("", 1))
        before, heard = operations(shared_redis()), []

        for number in range(1, 11):
            heard.append(await elsewhere.answer(at.bob.line(f"b{number}", number + 1)))
            heard.append(await at.node.answer(at.ann.line(f"a{number}", number + 1)))

        assert operations(shared_redis()) - before == 20
        assert heard[1:] == [f"0/9/{who}{n}" for n in range(1, 11) for who in "ba"][:-1]
        await other.close()


@pytest.mark.anyio
async def test_the_updates_of_a_batch_are_under_way_together() -> None:
    async with Proxy(shared_redis().port) as way, table(way.url) as at:
        seats = [seat for _ in range(20) for seat in await game(at.node)]
        for seat in seats:
            await at.node.answer(seat.line("", 0))
        before = way.round_trips

        replies = await posted(at.node, "\n".join(seat.line("word", 1) for seat in seats).encode())

        assert replies == ["0/10/*", "0/9/word"] * 20
        assert way.round_trips - before <= 4


@pytest.mark.anyio
async def test_a_batch_of_which_one_line_is_in_doubt_is_not_acknowledged() -> None:
    with RedisServer() as redis:
        async with table(redis.url) as at:
            posting = asyncio.create_task(posted(at.node, f"{at.ann.line('a', 1)}\n{at.bob.line('b', 1)}".encode()))
            await asyncio.sleep(0)
            redis.kill()

            assert await posting == ["44/*/*"]


@pytest.mark.anyio
async def test_a_game_that_has_ended_elsewhere_goes_the_general_way() -> None:
    async with table() as at:
        other = RedisStore(parse(shared_redis().url), Document)
        elsewhere = TextServer(store=other)
        assert await elsewhere.answer(f"5,*,{at.bob.key},{at.bob.seat},1") == "0/12/*"

        told = at.begins(at.ann.line("word", 1))

        assert told is not None
        assert await told is None
        assert await at.node.answer(at.ann.line("word", 1)) == "15/*/*"
        await other.close()


@pytest.mark.anyio
async def test_who_was_silent_or_would_fill_a_buffer_goes_the_general_way() -> None:
    async with table(limits=Limits(buffer_bytes_max=10)) as at:
        assert at.begins(at.ann.line("x" * 11, 1)) is None
        assert at.begins(at.ann.line("x" * 10, 1)) is not None


@pytest.mark.anyio
async def test_while_redis_is_away_nobody_is_told_anything() -> None:
    with RedisServer() as redis:
        async with table(redis.url) as at:
            told = at.begins(at.ann.line("word", 1))
            redis.kill()
            assert told is not None
            assert isinstance(await told, StoreDown)
            await asyncio.sleep(0.05)

            assert at.begins(at.ann.line("word", 1)) is None
            with pytest.raises(StoreDown):
                await at.node.answer(at.ann.line("word", 1))
            assert at.node.distant_path is not None
            assert at.node.distant_path.known == 0


@pytest.fixture(autouse=True)
def no_game_is_left() -> Iterator[None]:
    yield
    shared_redis().empty()
