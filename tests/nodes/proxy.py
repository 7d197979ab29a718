"""A way to Redis that can be cut: a TCP proxy that breaks its connections, or takes none for a while."""

import asyncio
import contextlib
from typing import Self

CHUNK_BYTES = 65_536


class Proxy:
    """Forwards connections to a port of the loopback.

    Args:
        target: The port; may be changed for later connections, as the address of a failing server moves.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.is_open = True
        self.loses_replies = False
        """True breaks a connection in place of forwarding a reply: what was asked for has been done."""
        self.round_trips = 0
        """How many times something was asked; what was written at once counts as one."""
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    @property
    def url(self) -> str:
        """The address of Redis by this way."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if not self.is_open:
                return
            upstream = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(upstream[1])
            ways = ((reader, upstream[1], False), (upstream[0], writer, True))
            pumps = {asyncio.create_task(self._pump(*way)) for way in ways}
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            upstream[1].close()
            self._writers.discard(upstream[1])
        except OSError:
            return
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_back: bool) -> None:  # noqa: FBT001  # the two ways
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                if is_back and self.loses_replies:
                    return
                self.round_trips += not is_back
                writer.write(chunk)
                await writer.drain()

    def cut(self) -> None:
        """Break all connections now."""
        for writer in self._writers:
            writer.transport.abort()

    async def away(self, seconds: float) -> None:
        """Take and keep no connections for a while."""
        self.is_open = False
        self.cut()
        await asyncio.sleep(seconds)
        self.is_open = True

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        self.cut()
        await self._server.wait_closed()
