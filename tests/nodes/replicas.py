"""A primary with two replicas behind one address; the primary dies, and a replica takes its place."""

import asyncio
import time
from types import TracebackType
from typing import Self

from tests.nodes.proxy import Proxy
from tests.redis_server import START_S_MAX, RedisServer

REPLICAS = 2


class Replicated:
    """Three Redis servers, of which one is the primary; from `with` to the end of the block."""

    def __init__(self) -> None:
        self.servers: list[RedisServer] = []
        try:
            self.servers.extend(RedisServer() for _ in range(1 + REPLICAS))
            self.primary = self.servers[0]
            for replica in self.servers[1:]:
                _follow(replica, self.primary)
            self._until_connected(REPLICAS)
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def _until_connected(self, wanted: int) -> None:
        deadline_s = time.monotonic() + START_S_MAX
        with self.primary.client() as client:
            while _in_step(client.info("replication")) < wanted:
                assert time.monotonic() < deadline_s, "the replicas do not follow"
                time.sleep(0.01)

    def _newest(self) -> RedisServer:
        """The replica that has the most: what sentinels choose, too."""
        offsets = {}
        for server in self.servers:
            if server is not self.primary:
                with server.client() as client:
                    offsets[client.info("replication")["slave_repl_offset"]] = server
        return offsets[max(offsets)]

    def _promote(self) -> None:
        old, self.primary = self.primary, self._newest()
        with self.primary.client() as client:
            client.replicaof("NO", "ONE")
        for server in self.servers:
            if server not in (old, self.primary):
                _follow(server, self.primary)
        old.start()
        _follow(old, self.primary)

    def cut_replicas_off(self) -> None:
        """Let the replicas get nothing more of what is written."""
        with self.primary.client() as client:
            client.acl_setuser("default", enabled=True, commands=["-psync", "-sync"])
            client.client_kill_filter(_type="replica")

    async def fail_over(self, proxy: Proxy) -> None:
        """Kill the primary; its place is taken, and its address leads to the one that took it."""
        self.primary.kill()
        proxy.cut()
        await asyncio.to_thread(self._promote)
        proxy.target = self.primary.port
        proxy.cut()
        await asyncio.to_thread(self._until_connected, REPLICAS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for server in self.servers:
            server.__exit__(kind, error, at)


def _follow(replica: RedisServer, primary: RedisServer) -> None:
    with replica.client() as client:
        client.replicaof("127.0.0.1", primary.port)


def _in_step(replication: dict[str, object]) -> int:
    """How many replicas get what is written."""
    replicas = [replication.get(f"slave{index}") for index in range(REPLICAS)]
    return sum(isinstance(replica, dict) and replica["state"] == "online" for replica in replicas)
