"""The servers of a store: scripts that one has forgotten, slots that move, primaries that sentinels name."""

import asyncio
from collections.abc import Callable

import pytest
from redis.crc import key_slot

from tests.redis_cluster import RedisCluster
from tests.redis_server import RedisServer
from tests.store.engines import shared_cluster
from turnserver.edge.handover import Resumed
from turnserver.partition import Batch
from turnserver.store.redis.partitions import partition_keys
from turnserver.store.redis.store import RedisStore
from turnserver.store.seam import StoreDown

pytestmark = pytest.mark.anyio

Process = Callable[..., RedisStore]
ROOM = "room:1"
SLOT = key_slot(partition_keys(ROOM)[0])


async def healed(store: RedisStore, name: str) -> None:
    """Return when the store answers again."""
    async with asyncio.timeout(20):
        while True:
            try:
                await store.read(name)
            except StoreDown:
                await asyncio.sleep(0.02)
            else:
                return


async def test_a_server_that_has_forgotten_the_scripts_learns_them_again(redis: RedisServer, process: Process) -> None:
    store = process()
    await store.commit(ROOM, Batch(put={"a": "one"}))
    with redis.client() as client:
        client.script_flush()

    assert await store.commit(ROOM, Batch({"a": 1}, put={"a": "two"}))
    assert (await store.read(ROOM)).value("a") == "two"


def holder(cluster: RedisCluster) -> tuple[RedisServer, RedisServer]:
    """The node that has the room's slot, and another."""
    index = SLOT * len(cluster.primaries) // 16_384
    return cluster.primaries[index], cluster.primaries[index - 1]


def begin_to_move(source: RedisServer, target: RedisServer) -> None:
    """Let the slot be at both nodes."""
    names = [node.command("CLUSTER", "MYID") for node in (source, target)]
    target.command("CLUSTER", "SETSLOT", SLOT, "IMPORTING", names[0])
    source.command("CLUSTER", "SETSLOT", SLOT, "MIGRATING", names[1])


def move_keys(source: RedisServer, target: RedisServer) -> None:
    """Bring all keys of the slot to the other node."""
    keys: list[bytes] = source.command("CLUSTER", "GETKEYSINSLOT", SLOT, 100)
    source.command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)


def end_move(source: RedisServer, target: RedisServer) -> None:
    """Let the slot be at the other node."""
    for node in (target, source):
        node.command("CLUSTER", "SETSLOT", SLOT, "NODE", target.command("CLUSTER", "MYID"))


async def test_a_partition_goes_on_while_its_slot_moves_to_another_node(process: Process) -> None:
    cluster = shared_cluster()
    cluster.empty()
    store, other = process(cluster.url), process(cluster.url)
    await store.commit(ROOM, Batch(put={"a": "one"}, aliases=("by:1",)))
    old, new = holder(cluster)

    begin_to_move(old, new)
    assert await store.commit(ROOM, Batch({"a": 1}, put={"a": "two"}))
    move_keys(old, new)
    assert await other.commit("by:1", Batch({"a": 2}, put={"a": "three"}))
    end_move(old, new)
    assert await store.commit("by:1", Batch({"a": 3}, put={"a": "four"}))
    assert (await other.read(ROOM)).value("a") == "four"

    begin_to_move(new, old)
    move_keys(new, old)
    end_move(new, old)
    assert (await store.read("by:1")).value("a") == "four"


async def test_a_replica_of_the_cluster_takes_over(process: Process) -> None:
    with RedisCluster(3, replicas=1) as cluster:
        store = process(cluster.url, clock=None, ack_replicas=1)
        await store.commit(ROOM, Batch(put={"a": "one"}))
        await store.settle()

        holder(cluster)[0].kill()
        with pytest.raises(StoreDown):
            await store.commit(ROOM, Batch({"a": 1}, put={"a": "lost"}))
        await healed(store, ROOM)

        assert (await store.read(ROOM)).value("a") == "one"
        assert await store.commit(ROOM, Batch({"a": 1}, put={"a": "two"}))


async def test_who_asks_first_need_not_be_in_a_task(process: Process) -> None:
    store, done = process(shared_cluster().url), asyncio.get_running_loop().create_future()

    async def read() -> None:
        done.set_result(await store.read("room:of nobody"))

    asking = read()
    asyncio.get_running_loop().call_soon(lambda: goes_on(Resumed(asking, asking.send(None))))

    assert not (await asyncio.wait_for(done, 20)).exists


def goes_on(work: Resumed[None]) -> None:
    async def awaited() -> None:
        await work

    task = asyncio.ensure_future(awaited())
    task.add_done_callback(asyncio.Task.result)


async def have_all(primary: RedisServer, replica: RedisServer) -> None:
    """Return when the replica has what the primary has."""
    async with asyncio.timeout(20):
        while replica.command("DBSIZE") < primary.command("DBSIZE"):  # noqa: ASYNC110  # the test's own commands
            await asyncio.sleep(0.02)


async def test_a_primary_that_has_become_a_replica_is_left(process: Process) -> None:
    with RedisServer() as first, RedisServer("--replicaof", "127.0.0.1", str(first.port)) as second:
        unaware = process(first.url)
        await unaware.commit(ROOM, Batch(put={"a": "one"}))
        await have_all(first, second)
        second.command("REPLICAOF", "NO", "ONE")
        first.command("REPLICAOF", "127.0.0.1", second.port)

        await unaware.commit(ROOM, Batch(ttl_ms=1000, lasting=False))  # a sign of life, as every poll gives

        with pytest.raises(StoreDown):  # noqa: PT012  # the refusal is on its way
            async with asyncio.timeout(20):
                while True:
                    await unaware.read(ROOM)


async def test_where_no_node_answers_the_store_is_down(process: Process) -> None:
    with pytest.raises(StoreDown, match=r"127\.0\.0\.1:1"):
        await process("redis+cluster://127.0.0.1:1").read(ROOM)


async def test_the_primary_that_sentinels_name_is_asked(process: Process) -> None:
    with (
        RedisServer() as first,
        RedisServer("--replicaof", "127.0.0.1", str(first.port)) as second,
        RedisServer.sentinel(first.port) as sentinel,
    ):
        store = process(f"redis+sentinel://127.0.0.1:{sentinel.port}/games", clock=None, ack_replicas=1)
        await healed(store, ROOM)
        await store.commit(ROOM, Batch(put={"a": "one"}))
        await store.settle()
        first.kill()
        await healed(store, ROOM)

        assert (await store.read(ROOM)).value("a") == "one"
        assert second.process.poll() is None
