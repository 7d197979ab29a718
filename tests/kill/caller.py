"""One client's way to servers that come and go: the same request again until it is answered."""

import asyncio
import contextlib
import time
from random import Random

ANSWER_S_MAX = 30.0
"""A reply that takes longer will not come; the connection is given up."""

PAUSE_S = 0.02
"""Between two tries."""

PATIENCE_S = 180.0
"""How long one request is tried; servers that are silent for longer do not heal."""


class Unanswered(Exception):
    """No server has answered a request."""


class Caller:
    """Asks over one connection to each server, opened again whenever it breaks.

    Args:
        ports: Where the servers listen on the loopback; each request goes to any of them.
        random: Chooses.
    """

    def __init__(self, *ports: int, random: Random | None = None) -> None:
        self._ports = ports
        self._random = random or Random(0)
        self._streams: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}
        self.losses = 0
        """How many requests were not answered."""
        self.refusals = 0
        """How many were answered with 44: the server could not store."""

    async def ask(self, line: str, *, wait_s: int = 0) -> str:
        """The reply to a request, which is sent again until there is one.

        Raises:
            Unanswered: There was none for too long.
        """
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            port = self._random.choice(self._ports)
            try:
                async with asyncio.timeout(ANSWER_S_MAX):
                    head, reply = await self._post(port, line.encode(), wait_s)
            except (OSError, EOFError, TimeoutError):
                self.losses += 1
                await self._close(port)
            else:
                if not reply.startswith("44/"):
                    return reply
                assert head.startswith("HTTP/1.1 503"), head
                assert "retry-after: 1" in head, head
                self.refusals += 1
            await asyncio.sleep(PAUSE_S)
        raise Unanswered(f"{line} for {PATIENCE_S:g} s")

    async def _post(self, port: int, body: bytes, wait_s: int) -> tuple[str, str]:
        if port not in self._streams:
            self._streams[port] = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = self._streams[port]
        preference = b"prefer: wait=%d\r\n" % wait_s if wait_s else b""
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\n%scontent-length: %d\r\n\r\n%s" % (preference, len(body), body))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().replace("http", "HTTP", 1)
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return head, (await reader.readexactly(length)).decode()

    async def close(self) -> None:
        """Let go of all connections."""
        for port in tuple(self._streams):
            await self._close(port)

    async def _close(self, port: int) -> None:
        streams = self._streams.pop(port, None)
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()
