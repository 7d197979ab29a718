"""What the Redis store promises beyond the seam's suite: many processes, lost answers, lost servers."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.nodes.proxy import Proxy
from tests.redis_server import RedisServer
from tests.store.engines import Clock
from tests.store.redis.test_servers import healed
from turnserver.partition import Batch
from turnserver.store.redis.address import parse
from turnserver.store.redis.store import RedisStore
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio

Process = Callable[..., RedisStore]
LONG_S = 20.0


def evaluations(redis: RedisServer) -> int:
    """How many scripts were run: the round trips to partitions."""
    with redis.client() as client:
        stats: dict[str, Any] = client.info("commandstats")
    return int(stats.get("cmdstat_evalsha", {"calls": 0})["calls"])


async def test_one_process_sees_what_another_commits(process: Process) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}, append={"s": [b"x"]}, aliases=("by:1",)))
    await other.read("by:1")

    await one.commit("room:1", Batch(put={"b": 2}, append={"s": [b"y"]}, release={"s": 1}))

    view = await other.read("by:1")
    assert (view.value("a"), view.value("b"), view.stream("s").after(1)) == ("one", 2, [b"y"])


async def test_one_process_wakes_another(process: Process) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1",)))
    await other.read("by:1")
    waiting = asyncio.create_task(other.wait("by:1", {"a": 1}, LONG_S))
    while not other._waits._waits:  # noqa: ASYNC110  # it has to connect first
        await asyncio.sleep(0.01)
    await other.read("room:1")  # after this its wait is known

    await one.commit("room:1", Batch(put={"b": "other"}))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await one.commit("room:1", Batch(put={"a": "two"}))

    await asyncio.wait_for(waiting, LONG_S)


async def test_a_channel_that_breaks_wakes_everyone(redis: RedisServer, process: Process) -> None:
    store = process()
    await store.commit("room:1", Batch(put={"a": "one"}))
    waiting = asyncio.create_task(store.wait("room:1", {"a": 1}, LONG_S))
    while not store._waits._waits:  # noqa: ASYNC110  # it has to connect first
        await asyncio.sleep(0.01)

    with redis.client() as client:
        client.client_kill_filter(_type="pubsub")

    await asyncio.wait_for(waiting, LONG_S)


async def test_a_glance_shows_what_was_seen_last_and_what_a_refusal_told(process: Process) -> None:
    one, other = process(), process()
    assert one.glance("room:1") is None
    await one.commit("room:1", Batch(put={"a": "one"}))
    await other.commit("room:1", Batch(put={"a": "two"}))

    seen = one.glance("room:1")
    assert seen is not None
    assert (seen.counter("a"), seen.value("a")) == (1, "one")
    assert not await one.commit("room:1", Batch({"a": 1}, put={"a": "three"}))
    told = one.glance("room:1")
    assert told is not None
    assert (told.counter("a"), told.value("a")) == (2, "two")


async def test_a_read_and_a_commit_are_one_round_trip_each(redis: RedisServer, process: Process) -> None:
    store = process()
    await store.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1",)))
    before = evaluations(redis)

    await store.read("by:1")
    await store.commit("by:1", Batch({"a": 1}, put={"a": "two"}, append={"s": [b"x"]}))

    assert evaluations(redis) - before == 2


async def told_to_wait(store: RedisStore, *watch: str) -> "asyncio.Task[None]":
    """A process that has committed to room:1 and waits for it to move, both in one operation."""
    view = await store.read("room:1")
    seen = {name: view.counter(name) for name in watch}
    await store._channel.ready()
    assert await store.commit("room:1", Batch(seen, put={"mine": "word"}, watch=watch))
    waiting = asyncio.create_task(store.wait("room:1", seen, LONG_S))
    await asyncio.sleep(0)
    return waiting


async def test_a_commit_can_note_a_wait_and_who_is_woken_knows_what_has_happened(
    redis: RedisServer, process: Process
) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}, append={"s": [b"x"]}))
    await other.read("room:1")
    before = evaluations(redis)
    waiting = await told_to_wait(one, "a", "s")
    assert evaluations(redis) - before == 2  # the read, and the commit

    await other.commit("room:1", Batch(put={"b": "unwatched"}))
    await other.commit("room:1", Batch(append={"t": [b"\x00\xff"]}))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await other.commit("room:1", Batch(append={"s": [b"y", b"z"]}, release={"s": 1}))
    await asyncio.wait_for(waiting, LONG_S)

    before, seen = evaluations(redis), one.glance("room:1")
    assert seen is not None
    assert {name: document.value for name, document in seen.documents.items()} == {
        "a": "one",
        "b": "unwatched",
        "mine": "word",
    }
    assert (seen.stream("s").after(1), seen.stream("t").after(0)) == ([b"y", b"z"], [b"\x00\xff"])
    assert await one.commit("room:1", Batch({"s": 3, "t": 1}, put={"mine": "answer"}))
    assert evaluations(redis) - before == 1


async def test_a_wait_that_a_commit_has_noted_ends_with_the_partition(process: Process) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}))
    waiting = await told_to_wait(one, "a")

    await other.commit("room:1", Batch(ends=True))

    await asyncio.wait_for(waiting, LONG_S)


async def test_a_wait_that_a_commit_has_noted_ends_by_a_commit_of_the_same_process(process: Process) -> None:
    store = process()
    await store.commit("room:1", Batch(put={"a": "one"}))
    waiting = await told_to_wait(store, "a")

    await store.commit("room:1", Batch({"mine": 1}, put={"a": "two"}, watch=("mine",)))

    await asyncio.wait_for(waiting, LONG_S)
    again = asyncio.create_task(store.wait("room:1", {"mine": 1}, LONG_S))
    await process().commit("room:1", Batch(put={"mine": "other"}))
    await asyncio.wait_for(again, LONG_S)


async def test_a_wait_that_was_over_before_it_began_is_over(redis: RedisServer, process: Process) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}))
    await one._channel.ready()
    await one.commit("room:1", Batch({"a": 1}, put={"mine": "word"}, watch=("a",)))
    await other.commit("room:1", Batch(put={"a": "two"}))
    while one._waits.is_noted("room:1", ("a",)):  # noqa: ASYNC110  # the message is on its way
        await asyncio.sleep(0.01)

    before = evaluations(redis)
    await asyncio.wait_for(one.wait("room:1", {"a": 1}, LONG_S), LONG_S)

    assert evaluations(redis) - before == 1  # it asks


async def test_a_commit_that_is_refused_notes_no_wait(process: Process) -> None:
    store = process()
    await store.commit("room:1", Batch(put={"a": "one"}))

    assert not await store.commit("room:1", Batch({"a": 7}, put={"mine": "word"}, watch=("a",)))

    assert not store._waits.is_noted("room:1", ("a",))


async def test_what_is_told_is_of_no_use_to_who_knows_too_little(process: Process) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}))
    waiting = await told_to_wait(one, "a")
    one._memory.clear()

    await other.commit("room:1", Batch(put={"a": "two"}))
    await asyncio.wait_for(waiting, LONG_S)

    assert one.glance("room:1") is None
    assert (await one.read("room:1")).value("mine") == "word"


@pytest.mark.parametrize("message", [b"turn:{room:1}", b"\x00\x00\x00\x02\x91\x01", b""])
async def test_a_message_that_tells_nothing_ends_the_wait_all_the_same(process: Process, message: bytes) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}))
    waiting = await told_to_wait(one, "a")

    await other._runner.ask(b"", "PUBLISH", one._channel._name, message)

    await asyncio.wait_for(waiting, LONG_S)


async def test_who_commits_learns_what_others_have_done_meanwhile(process: Process) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}, append={"s": [b"x"]}))
    await other.commit("room:1", Batch(put={"b": "other"}, append={"s": [b"y"]}))

    assert await one.commit("room:1", Batch({"a": 1}, put={"c": "one"}))

    seen = one.glance("room:1")
    assert seen is not None
    assert (seen.value("b"), seen.value("c"), seen.stream("s").after(0)) == ("other", "one", [b"x", b"y"])


async def test_a_commit_whose_answer_is_lost_is_not_acknowledged_and_a_repeat_is_not_doubled(
    redis: RedisServer, process: Process
) -> None:
    async with Proxy(redis.port) as proxy:
        store, witness = process(proxy.url), process()
        await store.commit("room:1", Batch(put={"a": "one"}))
        batch = Batch({"s": 0}, append={"s": [b"x"]})

        proxy.loses_replies = True
        with pytest.raises(StoreDown):
            await store.commit("room:1", batch)
        assert (await witness.read("room:1")).counter("s") == 1
        proxy.loses_replies = False
        await healed(store, "room:1")
        again = await store.commit("room:1", batch)

    assert not again
    assert (await witness.read("room:1")).stream("s").after(0) == [b"x"]


async def test_what_was_seen_before_a_loss_is_read_again(redis: RedisServer, process: Process) -> None:
    store = process()
    await store.commit("room:1", Batch(put={"a": "one"}))
    redis.empty()
    await process().commit("room:1", Batch(put={"a": "two"}))
    with redis.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    await asyncio.sleep(0.01)
    await healed(store, "room:1")

    assert (await store.read("room:1")).value("a") == "two"


async def test_making_the_same_partition_again_leaves_its_aliases_alone(process: Process) -> None:
    one, other = process(), process()
    begun = Batch({"a": 0}, put={"a": "one"}, aliases=("by:1",))

    made = [await store.commit("room:1", begun) for store in (one, other, one)]

    assert made == [True, False, False]
    assert [(await store.read("by:1")).value("a") for store in (one, other, process())] == ["one"] * 3


async def test_a_dropped_alias_leads_nowhere_in_any_process(process: Process) -> None:
    one, other = process(), process()
    await one.commit("room:1", Batch(put={"a": "one"}, aliases=("by:1", "by:2")))
    await other.read("by:1")

    await one.commit("by:2", Batch(drops=("by:1",)))

    assert [(await store.read("by:1")).exists for store in (one, other, process())] == [False] * 3
    assert (await other.read("by:2")).exists


async def test_a_process_that_could_not_hear_anybody_ends_nothing(process: Process, clock: Clock) -> None:
    await process().commit("room:1", Batch(put={"a": "one"}, ttl_ms=500))
    await clock.pass_ms(1000)

    view = await process().read("room:1")

    assert view.exists
    assert view.opened_ms == view.now_ms == clock.now_ms


async def test_time_in_which_redis_was_down_is_nobodys_silence() -> None:
    with RedisServer("--appendonly", "yes", "--appendfsync", "always") as redis:
        store = RedisStore(parse(redis.url), str | int)
        await store.commit("room:1", Batch(put={"a": "one"}, ttl_ms=600))
        redis.kill()
        await asyncio.sleep(0.8)
        await asyncio.to_thread(redis.start)
        await healed(store, "room:1")

        view = await store.read("room:1")
        await asyncio.sleep(0.8)
        later = await store.read("room:1")
        await store.close()

    assert view.exists
    assert view.now_ms - view.opened_ms < 600
    assert not later.exists


async def test_the_clock_is_that_of_redis(redis: RedisServer) -> None:
    store = RedisStore(parse(redis.url), str | int)
    await store.commit("room:1", Batch(put={"a": "one"}))
    view, glance = await store.read("room:1"), store.glance("room:1")
    with redis.client() as client:
        seconds, _ = client.time()
    await store.close()

    assert glance is not None
    assert abs(view.now_ms - 1000 * seconds) < 5000
    assert abs(glance.now_ms - view.now_ms) < 1000


async def test_without_enough_replicas_nothing_is_acknowledged(process: Process) -> None:
    store = process(ack_replicas=1, timeout_s=1)
    assert await store.commit("room:1", Batch(put={"a": "one"}))
    assert not store.is_settled

    called: list[BaseException | None] = []
    store.when_settled(called.append)
    with pytest.raises(StoreDown, match="0 of 1 replicas"):
        await store.settle()
    while not called:  # noqa: ASYNC110  # it comes within the next rounds
        await asyncio.sleep(0)

    assert [type(error) for error in called] == [StoreDown]


async def test_with_enough_replicas_all_is_acknowledged_what_was_read_too(redis: RedisServer, process: Process) -> None:
    with RedisServer("--replicaof", "127.0.0.1", str(redis.port)):
        store, other = process(ack_replicas=1), process(ack_replicas=1)
        async with asyncio.timeout(LONG_S):
            while True:
                try:
                    await store.commit("room:1", Batch(put={"a": "one"}))
                    await store.settle()
                except StoreDown:
                    continue
                break
        assert store.is_settled

        await other.read("room:1")
        assert not other.is_settled
        await other.settle()
        assert other.is_settled


async def test_while_redis_is_away_everything_says_so_at_once(process: Process) -> None:
    with RedisServer() as redis:
        store = process(redis.url)
        await store.commit("room:1", Batch(put={"a": "one"}))
        redis.kill()
        await asyncio.sleep(0.05)

        for work in (store.read("room:1"), store.commit("room:1", Batch(put={"a": "two"})), store.count("room")):
            with pytest.raises(StoreDown):
                await work
        assert store.glance("room:1") is None
        await asyncio.wait_for(store.wait("room:1", {"a": 1}, LONG_S), LONG_S / 2)
