"""All live state in Redis at once: taken out while no server uses it, or put into one that is empty.

Nobody else reads or writes meanwhile, so nothing is compared and nothing is announced: what `commit` does by a script
for each change is written here as it would be in the end. A mark stands in Redis from before the first write until
after the last one; who finds it has found a half, and refuses it (`opening.check`).
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from itertools import islice
from typing import Any

import hiredis
import msgspec
from msgspec import Struct

from turnserver.store.images import Image
from turnserver.store.redis import scripts
from turnserver.store.redis.address import Address
from turnserver.store.redis.link import Link, as_command
from turnserver.store.redis.opening import HALF_KEY
from turnserver.store.redis.partitions import UNSEEN, Codec, index_key, name_of, packed, partition_keys
from turnserver.store.redis.server import SERVER_NAME, Options, asked
from turnserver.store.redis.servers import Servers, key_command
from turnserver.store.seam import StoreDown

STEP = 200
"""Partitions that are on their way at once."""

SCAN_STEP = 500
"""About how many keys one command looks through."""

FIELDS_MAX = 1_000
"""Fields that are written by one command: others get their turn in between."""

AHEAD_MS_MAX = 60_000
"""A clock that is further ahead would keep players silent, or muted, for as long."""

_pack = msgspec.msgpack.Encoder().encode


class _Meta(Struct):
    """Of what `scripts/partition.lua` keeps of a partition, what is not told otherwise."""

    t: int | None = None


_meta_of = msgspec.msgpack.Decoder(_Meta, strict=False).decode


class RedisWhole:
    """All of a Redis.

    Args:
        address: Where it is.
        document_type: The union of all documents, for decoding.
        timeout_s: Longest wait for a reply.
        ack_replicas: How many replicas must have what was written when `fill` returns.
        clock: Milliseconds, in place of the servers' clocks; for tests.
    """

    def __init__(
        self,
        address: Address,
        document_type: Any,
        *,
        timeout_s: float,
        ack_replicas: int = 0,
        clock: Callable[[], int] | None = None,
    ) -> None:
        options = Options(address, timeout_s=timeout_s, ack_replicas=ack_replicas, name="turnserver-whole")
        self._servers = Servers(options, lambda: None)
        self._database = address.database
        self._codec = Codec(document_type)
        self._clock = clock
        self._fill = secrets.token_urlsafe(9)

    async def check_unused(self) -> None:
        """See `Whole.check_unused`: each server says its name when it connects."""
        wanted = {f"name={SERVER_NAME}", f"db={self._database}"}
        for link in await self._servers.primaries():
            clients = await asked(link, as_command("CLIENT", "LIST", "TYPE", "normal"))
            used_by = sum(wanted.issubset(client.split()) for client in clients.decode().splitlines())
            if used_by:
                raise StoreDown(
                    f"{link.where} is in use by {used_by} server process(es); stop them all with turnserver drain, "
                    "then try again"
                )

    async def check_empty(self) -> None:
        """See `Whole.check_empty`."""
        for link in await self._servers.primaries():
            if await _holds_something(link):
                raise StoreDown(
                    f"{link.where} is not empty; name another database of it with --live, or empty this one "
                    "with redis-cli FLUSHDB"
                )

    async def now_ms(self) -> int:
        """See `Whole.now_ms`: in a cluster the clock that is most ahead."""
        if self._clock is not None:
            return self._clock()
        return max([int(link.now_ms()) for link in await self._servers.primaries()])

    async def images(self) -> AsyncGenerator[Image[Any], None]:
        """See `Whole.images`."""
        seen: set[bytes] = set()
        for link in await self._servers.primaries():
            async for keys in _scanned(link, "turn:{*"):
                new = [key for key in keys if key.endswith(b"}") and key not in seen]
                seen.update(new)
                for image in await asyncio.gather(*(self._image(link, name_of(key)) for key in new)):
                    if image is not None:
                        yield image

    async def _image(self, link: Link, name: str) -> Image[Any] | None:
        """A partition, or None for an alias and for one that is over."""
        keys = partition_keys(name)
        at_ms = link.opened_ms if self._clock is None else self._clock()  # time stands still: nothing ends meanwhile
        ask = packed(at_ms, at_ms, "", "", 0, {})
        news, meta, names = await asyncio.gather(
            asked(link, (b"EVALSHA", scripts.READ.sha, b"2", *keys, ask)),
            asked(link, (b"HGET", keys[0], b"m")),
            asked(link, (b"HGETALL", keys[1])),
        )
        if not news[0]:
            return None
        seen = self._codec.told(UNSEEN, news)
        ids = zip(names[::2], names[1::2], strict=True)
        return Image(
            name,
            {key: (document.version, document.value) for key, document in seen.documents.items()},
            {key: (stream.first, stream.after(stream.first)) for key, stream in seen.streams.items()},
            _meta_of(meta).t,
            [alias.decode() for alias, id_ in ids if id_.startswith(seen.epoch.encode() + b" ")],
        )

    async def fill(self, images: Iterable[Image[Any]], *, now_ms: int) -> None:
        """See `Whole.fill`; a fill that fails leaves the mark, and what it has written."""
        clock_ms = await self.now_ms()
        if now_ms - clock_ms > AHEAD_MS_MAX:
            raise StoreDown(
                f"the clock of Redis is {(now_ms - clock_ms) // 1000} s behind that of the store that was exported; "
                "set it right, then try again"
            )
        await self._ask(HALF_KEY, "SET", HALF_KEY, self._fill)
        numbered = enumerate(images)
        while step := list(islice(numbered, STEP)):
            await asyncio.gather(*(self._put(image, f"{self._fill}{number}", clock_ms) for number, image in step))
        await self._ask(HALF_KEY, "DEL", HALF_KEY)
        await self._servers.settle()

    async def _put(self, image: Image[Any], epoch: str, now_ms: int) -> None:
        """Write a partition as commits would have left it, and the ways by which it is found."""
        key, names_key = partition_keys(image.name)
        kind = index_key(image.name.partition(":")[0])
        ends_ms = "+inf" if image.ttl_ms is None else now_ms + image.ttl_ms
        await self._ask(kind, "ZADD", kind, ends_ms, image.name)
        for number, alias in enumerate(image.aliases):
            pointed, _ = partition_keys(alias)
            id_ = f"{epoch}-{number}"
            await self._ask(pointed, "HSET", pointed, "p", f"{id_} {image.name}")
            await self._ask(names_key, "HSET", names_key, alias, f"{epoch} {id_}")
        fields = list(_fields(image, epoch, now_ms))
        for first in range(0, len(fields), 2 * FIELDS_MAX):
            await self._ask(key, "HSET", key, *fields[first : first + 2 * FIELDS_MAX])

    async def _ask(self, key: bytes, *words: bytes | str | int) -> None:
        reply = await self._servers.call(key, key_command(*words))
        assert not isinstance(reply, hiredis.ReplyError)  # `call` raises StoreDown for what it cannot mend

    async def close(self) -> None:
        """See `Whole.close`."""
        await self._servers.close()


def _fields(image: Image[Any], epoch: str, now_ms: int) -> Iterable[bytes | str]:
    """The fields of a partition's hash, each with its value; `scripts/partition.lua` says what they are."""
    documents = {name: (version, 1) for name, (version, _) in image.documents.items()}
    streams = {name: (first, first + len(items), 1) for name, (first, items) in image.streams.items()}
    span = {} if image.ttl_ms is None else {"t": image.ttl_ms}
    for name, (_, value) in image.documents.items():
        yield from (f"d{name}", _pack(value))
    for name, (first, items) in image.streams.items():
        for offset, item in enumerate(items, start=first):
            yield from (f"i{name} {offset}", item)
    # The last one: without it the rest is nothing.
    yield from ("m", _pack({"e": epoch, "r": 1, "c": now_ms, "d": documents, "s": streams, "w": {}, **span}))


async def _holds_something(link: Link) -> bool:
    async with aclosing(_scanned(link, "turn:*")) as scanned:
        async for keys in scanned:
            if keys:
                return True
    return False


async def _scanned(link: Link, pattern: str) -> AsyncGenerator[list[bytes], None]:
    """The keys of one server, some at a time; a key may come twice."""
    cursor = b"0"
    while True:
        cursor, keys = await asked(link, as_command("SCAN", cursor, "MATCH", pattern, "COUNT", SCAN_STEP))
        yield keys
        if cursor == b"0":
            return
