"""A real Redis Cluster for a test: its nodes are processes of their own."""

import time
from types import TracebackType
from typing import Self

from tests.redis_server import START_S_MAX, RedisServer, free_port

SLOTS = 16_384


class RedisCluster:
    """Primaries that share the slots, each with as many replicas, from `with` to the end of the block.

    Args:
        primaries: How many nodes have slots.
        replicas: How many copies each of them has.
    """

    def __init__(self, primaries: int = 3, replicas: int = 0) -> None:
        count = primaries * (1 + replicas)
        self.nodes: list[_Node] = []
        try:
            self.nodes.extend(_Node() for _ in range(count))
            self.primaries = self.nodes[:primaries]
            self._join(primaries)
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def _join(self, primaries: int) -> None:
        for at, node in enumerate(self.primaries):
            first, last = (SLOTS * number // primaries for number in (at, at + 1))
            node.command("CLUSTER", "ADDSLOTSRANGE", first, last - 1)
        for node in self.nodes[1:]:
            node.command("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port, self.nodes[0].bus_port)
        self._until_all("cluster_known_nodes", str(len(self.nodes)))
        for at, node in enumerate(self.nodes[primaries:]):
            primary = self.primaries[at % primaries]
            node.command("CLUSTER", "REPLICATE", primary.command("CLUSTER", "MYID"))
        self._until_all("cluster_state", "ok")

    def _until_all(self, field: str, wanted: str) -> None:
        deadline_s = time.monotonic() + START_S_MAX
        for node in self.nodes:
            while f"{field}:{wanted}\r\n".encode() not in node.command("CLUSTER", "INFO"):
                assert time.monotonic() < deadline_s, f"the cluster's {field} is not {wanted}"
                time.sleep(0.02)

    @property
    def url(self) -> str:
        """Its address: any node tells of the others."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def empty(self) -> None:
        """Take everything out of it."""
        for node in self.primaries:
            node.empty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for node in self.nodes:
            node.__exit__(kind, error, at)


class _Node(RedisServer):
    def __init__(self) -> None:
        self.bus_port = free_port()
        options = ("--cluster-enabled", "yes", "--cluster-port", str(self.bus_port), "--cluster-node-timeout", "1000")
        super().__init__(*options)
