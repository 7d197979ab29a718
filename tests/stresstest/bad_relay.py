"""A tiny relay that can misbehave: enough of the protocol for players who poll, with plain or exact counters."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar

Fault = Callable[[int, list[bytes]], list[bytes]]
"""Gets the number of updates that were handed out so far, and those to hand out now; gives those that it does."""

EVERY = 5


def honest(_before: int, updates: list[bytes]) -> list[bytes]:
    return updates


def losing(before: int, updates: list[bytes]) -> list[bytes]:
    return [update for index, update in enumerate(updates, before) if index % EVERY != 3]


def doubling(before: int, updates: list[bytes]) -> list[bytes]:
    return [update for index, update in enumerate(updates, before) for _ in range(1 + (index % EVERY == 3))]


def altering(before: int, updates: list[bytes]) -> list[bytes]:
    return [
        update.replace(b";", b",") if index % EVERY == 3 else update for index, update in enumerate(updates, before)
    ]


class BadRelay:
    """Pairs players two by two and relays what they send, all through `fault`."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._keys = count()
        self._names: dict[int, bytes] = {}
        self._waiting: int | None = None
        self._partner: dict[int, int] = {}
        self._ready: set[int] = set()
        self._left: set[int] = set()
        self._stored: dict[int, list[bytes]] = {}
        self._handed: dict[int, int] = {}

    async def serve(self) -> asyncio.Server:
        """Listen on a free port of this machine."""
        return await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
                reply = self.answer(await reader.readexactly(length)) if length else b"no number"
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(reply), reply))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def answer(self, line: bytes) -> bytes:
        """The reply line to a request line."""
        fields = line.rsplit(b",", 3)
        symbol, _, data = fields[0].partition(b",")
        if symbol == b"0":
            key = next(self._keys)
            self._names[key] = data
            return b"0/0/%d" % key
        return self._answers[symbol](self, int(fields[1]), data)

    def _pair(self, key: int, _data: bytes) -> bytes:
        if key not in self._partner and self._waiting not in (None, key):
            self._partner[key], self._partner[self._waiting] = self._waiting, key
            self._waiting = None
        elif key not in self._partner:
            self._waiting = key
        return b"0/3/" + self._names[self._partner[key]] if key in self._partner else b"0/2/*"

    def _unregister(self, key: int, _data: bytes) -> bytes:
        self._waiting = None if self._waiting == key else self._waiting
        return b"0/1/*"

    def _load(self, _key: int, _data: bytes) -> bytes:
        return b"0/5/"

    def _begin(self, key: int, _data: bytes) -> bytes:
        self._ready.add(key)
        return b"0/8/%d|0" % key if self._partner[key] in self._ready else b"0/7/*"

    def _update(self, key: int, data: bytes) -> bytes:
        partner = self._partner[key]
        if data:
            self._stored.setdefault(partner, []).append(data)
        before = self._handed.get(key, 0)
        updates = self._stored.pop(key, [])
        self._handed[key] = before + len(updates)
        handed = self._fault(before, updates)
        if not handed and partner in self._left:
            return b"15/*/*"
        return b"0/9/" + b"|".join(handed) if handed else b"0/10/*"

    def _quit(self, key: int, _data: bytes) -> bytes:
        self._left.add(key)
        return b"0/12/*"

    _answers: ClassVar[dict[bytes, Callable[[Any, int, bytes], bytes]]] = {
        b"1": _unregister,
        b"2": _pair,
        b"3": _load,
        b"4": _begin,
        b"5": _quit,
        b"6": _update,
    }
