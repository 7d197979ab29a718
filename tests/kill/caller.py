"""One client's way to a server that comes and goes: the same request again until it is answered."""

import asyncio
import contextlib

ANSWER_S_MAX = 30.0
"""A reply that takes longer will not come; the connection is given up."""

PAUSE_S = 0.02
"""Between two tries."""


class Caller:
    """Asks over one connection at a time, opened again whenever it breaks.

    Args:
        port: Where the server listens on the loopback.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.losses = 0
        """How many requests were not answered."""
        self.refusals = 0
        """How many were answered with 44: the server could not store."""

    async def ask(self, line: str, *, wait_s: int = 0) -> str:
        """The reply to a request, which is sent again until there is one."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_S_MAX):
                    head, reply = await self._post(line.encode(), wait_s)
            except (OSError, EOFError, TimeoutError):
                self.losses += 1
                await self.close()
            else:
                if not reply.startswith("44/"):
                    return reply
                assert head.startswith("HTTP/1.1 503"), head
                assert "retry-after: 1" in head, head
                self.refusals += 1
            await asyncio.sleep(PAUSE_S)

    async def _post(self, body: bytes, wait_s: int) -> tuple[str, str]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        preference = b"prefer: wait=%d\r\n" % wait_s if wait_s else b""
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\n%scontent-length: %d\r\n\r\n%s" % (preference, len(body), body))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().replace("http", "HTTP", 1)
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return head, (await reader.readexactly(length)).decode()

    async def close(self) -> None:
        """Let go of the connection."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()
