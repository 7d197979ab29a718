"""Moves: what becomes of the usual commit, and what is known afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.nodes.proxy import Proxy
from tests.redis_server import RedisServer
from tests.store.engines import Clock
from tests.store.redis.test_servers import healed
from turnserver.partition import Batch, Document
from turnserver.store.redis.address import parse
from turnserver.store.redis.moves import Move, Outcome, Told
from turnserver.store.redis.seen import Known
from turnserver.store.redis.store import RedisStore
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio

Process = Callable[..., RedisStore]
LONG_S = 20.0


@pytest.fixture
async def process(redis: RedisServer, clock: Clock) -> AsyncIterator[Process]:
    """Opens a store, as a further process would, whose documents may be lists."""
    stores: list[RedisStore] = []

    def opened(url: str = redis.url) -> RedisStore:
        stores.append(RedisStore(parse(url), str | list[int], clock=clock))
        return stores[-1]

    yield opened
    for store in stores:
        await store.close()


async def begun(store: RedisStore) -> None:
    """A partition in which `mine` has been written once, and two items have come from the other."""
    await store.commit(
        "room:1", Batch(put={"mine": [7, 0], "both": "x"}, append={"theirs": [b"a", b"b"]}, ttl_ms=60_000)
    )


def known(store: RedisStore, name: str = "room:1") -> Known:
    found = store.known(name)
    assert found is not None
    return found


def move(*items: bytes, version: int = 1, seen: int = 2, upto: int = 0, mine: int = 0, both: int = 1) -> Move:
    return Move("mine", version, (8,), "ours", mine, items, "theirs", seen, upto, "both", both, 60_000)


async def moved(store: RedisStore, change: Move, of: Known | None = None) -> Told:
    """What has become of it."""
    of = of or known(store)
    told: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
    link = store.moves.link(of.key)
    assert link is not None
    assert store.moves.send(link, of, change, told.set_result)
    return await asyncio.wait_for(told, LONG_S)


async def test_a_move_writes_appends_and_releases(process: Process) -> None:
    store = process()
    await begun(store)

    told = await moved(store, move(b"one", b"two", upto=1))

    assert told == Told(Outcome.DONE, 2)
    view = await process().read("room:1")
    assert view.documents == {"mine": Document(2, [8, 2]), "both": Document(1, "x")}
    assert [view.stream(name).after(view.stream(name).first) for name in ("ours", "theirs")] == [
        [b"one", b"two"],
        [b"b"],
    ]
    assert (view.stream("theirs").first, view.stream("ours").next) == (1, 2)


async def test_what_is_done_is_for_the_cache_to_know(process: Process) -> None:
    store = process()
    await begun(store)

    await moved(store, move(b"one"))

    assert known(store).seen.documents["mine"] == Document(1, [7, 0])


@pytest.mark.parametrize("change", [move(version=7), move(both=2), move(version=0)])
async def test_a_move_is_refused_if_what_it_relies_on_is_not_so(process: Process, change: Move) -> None:
    store = process()
    await begun(store)

    assert await moved(store, change) == Told(Outcome.REFUSED)
    assert (await process().read("room:1")).counter("mine") == 1


async def test_a_refusal_tells_what_has_happened_meanwhile(process: Process) -> None:
    store, other = process(), process()
    await begun(store)
    await other.commit("room:1", Batch(put={"mine": [9, 9]}, append={"theirs": [b"c"]}, release={"theirs": 1}))

    assert (await moved(store, move())).outcome is Outcome.REFUSED

    seen = known(store).seen
    assert (seen.documents["mine"], seen.streams["theirs"].after(1)) == (Document(2, [9, 9]), [b"b", b"c"])
    assert (await moved(store, move(seen=3, version=2))).outcome is Outcome.DONE


async def test_a_move_among_others_tells_what_they_have_done(process: Process) -> None:
    store, other = process(), process()
    await begun(store)
    await other.commit("room:1", Batch(put={"new": "n"}, append={"theirs": [b"c", b"d"]}))

    assert await moved(store, move(b"one", upto=1)) == Told(Outcome.DONE_AMONG_OTHERS, 3, [b"c", b"d"])

    seen = known(store).seen
    assert (seen.rev, seen.documents["new"].value, seen.documents["mine"]) == (3, "n", Document(2, [8, 4]))
    assert (seen.streams["ours"].after(0), seen.streams["theirs"].after(1)) == ([b"one"], [b"b", b"c", b"d"])


async def test_a_stream_that_nothing_was_appended_to_has_had_nothing(process: Process) -> None:
    store = process()
    await store.commit("room:1", Batch(put={"mine": [7, 0], "both": "x"}, ttl_ms=60_000))

    assert await moved(store, move(seen=0)) == Told(Outcome.DONE, 2)

    assert (await process().read("room:1")).value("mine") == [8, 0]


async def test_what_has_ended_or_begun_anew_is_refused(process: Process) -> None:
    store, other = process(), process()
    await begun(store)
    ended = known(store)
    await other.commit("room:1", Batch(ends=True))
    assert await moved(store, move(), ended) == Told(Outcome.REFUSED)

    await begun(other)
    assert await moved(store, move(), ended) == Told(Outcome.REFUSED)


async def test_what_is_over_is_refused(process: Process, clock: Clock) -> None:
    store = process()
    await begun(store)
    await clock.pass_ms(60_000)

    assert await moved(store, move()) == Told(Outcome.REFUSED)
    assert not (await store.read("room:1")).exists


async def test_a_move_that_was_forgotten_meanwhile_changes_nothing_that_is_known(process: Process) -> None:
    store = process()
    await begun(store)
    forgotten = known(store)
    store._memory.clear()

    assert await moved(store, move(), forgotten) == Told(Outcome.DONE_AMONG_OTHERS, 2)
    assert store.known("room:1") is None


async def test_a_move_rings_who_waits_in_this_process_and_in_others(process: Process) -> None:
    one, other = process(), process()
    await begun(one)
    await other.read("room:1")
    waits = []
    for store in (one, other):
        await store._channel.ready()
        assert await store.commit("room:1", Batch({"mine": 1}, put={"at": "x"}, watch=("mine",)))
        waits.append(asyncio.create_task(store.wait("room:1", {"mine": 1}, LONG_S)))
    await one.read("room:1")

    assert (await moved(one, move(b"one"))).outcome is Outcome.DONE
    await asyncio.wait_for(asyncio.gather(*waits), LONG_S)

    told = other.glance("room:1")
    assert told is not None
    assert (told.counter("mine"), told.stream("ours").after(0)) == (2, [b"one"])


async def test_many_items_can_be_released_at_once(process: Process) -> None:
    store = process()
    await begun(store)
    await store.commit("room:1", Batch(append={"theirs": [b"x"] * 2000}))

    assert (await moved(store, move(seen=2002, upto=2001))).outcome is Outcome.DONE

    view = await process().read("room:1")
    assert (view.stream("theirs").first, view.stream("theirs").after(2001)) == (2001, [b"x"])


async def test_a_move_whose_answer_is_lost_is_the_stores_failure(process: Process, redis: RedisServer) -> None:
    async with Proxy(redis.port) as proxy:
        store = process(proxy.url)
        await begun(store)

        proxy.loses_replies = True
        told = await moved(store, move(b"one"))
        assert isinstance(told.outcome, StoreDown)
        proxy.loses_replies = False
        await healed(store, "room:1")

        assert (await store.read("room:1")).counter("ours") == 1


async def test_without_a_connection_nothing_is_sent(process: Process) -> None:
    with RedisServer() as redis:
        store = process(redis.url)
        await begun(store)
        of = known(store)
        link = store.moves.link(of.key)
        assert link is not None
        redis.kill()
        await asyncio.sleep(0.05)

        assert store.moves.link(of.key) is None
        assert not store.moves.send(link, of, move(), lambda _told: None)


async def test_a_server_that_has_forgotten_the_script_learns_it_again(process: Process, redis: RedisServer) -> None:
    store = process()
    await begun(store)
    with redis.client() as client:
        client.script_flush()

    assert [(await moved(store, move())).outcome for _ in range(2)] == [Outcome.REFUSED, Outcome.DONE]


async def test_a_server_that_has_become_a_replica_is_left(process: Process) -> None:
    with RedisServer() as redis:
        store = process(redis.url)
        await begun(store)
        link = store.moves.link(known(store).key)
        assert link is not None
        redis.command("REPLICAOF", "127.0.0.1", "1")

        assert await moved(store, move()) == Told(Outcome.REFUSED)
        assert not link.is_open
